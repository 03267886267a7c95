package dev.cairn.distribution.replay;

import dev.cairn.core.simulate.ReplayOutcome;
import dev.cairn.distribution.bench.load.Spread;
import dev.cairn.distribution.bench.report.HtmlReport;
import dev.cairn.distribution.bench.report.Markup;
import dev.cairn.distribution.bench.report.Plot;
import dev.cairn.distribution.bench.report.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A replay as a page that loads nothing: figures, distributions, hits against TTFT, hits over time,
 * and how busy each worker was.
 */
public record ReplayPage(ReplayReport report) {

    /** Plots stay readable. */
    private static final int MOST_SERIES = 6;

    private static final int POINTS = 200;
    private static final int INTERVALS = 24;

    private static final String COLOURS =
            """
            pre { white-space: pre-wrap; }
            .s2 { stroke: #3f9b6c; } .f2 { fill: #3f9b6c; }
            .s3 { stroke: #9a5fb5; } .f3 { fill: #9a5fb5; }
            .s4 { stroke: #b8a12c; } .f4 { fill: #b8a12c; }
            .s5 { stroke: #c2496f; } .f5 { fill: #c2496f; }
            """;

    /** The page. */
    public String html() {
        StringBuilder out = new StringBuilder(1 << 16);
        out.append(
                "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\"><head>"
                        + "<meta charset=\"utf-8\"/><title>cairn replay</title>\n<style>\n"
                        + HtmlReport.STYLE
                        + COLOURS
                        + "</style></head><body>\n<h1>cairn replay</h1>\n<pre>"
                        + Markup.text(report.text())
                        + "</pre>\n<p>");
        List<ReplayRun> shown = shown();
        for (int i = 0; i < shown.size(); i++) {
            out.append("<svg style=\"width:12px;height:12px;background:none\"><rect class=\"f")
                    .append(i)
                    .append("\" width=\"12\" height=\"12\"/></svg> ")
                    .append(Markup.text(shown.get(i).name()))
                    .append("&#160;&#160; ");
        }
        out.append("</p>\n<div class=\"plots\">\n");
        plots().forEach(plot -> out.append(plot.svg()));
        return out.append("</div>\n</body></html>\n").toString();
    }

    private List<ReplayRun> shown() {
        return report.runs().subList(0, Math.min(MOST_SERIES, report.runs().size()));
    }

    private List<Plot> plots() {
        return List.of(
                plot("TTFT", "seconds, up to p99", "share", run -> cumulative(run.firstToken())),
                plot("TPOT", "seconds, up to p99", "share", run -> cumulative(run.perToken())),
                hitsAgainstLatency(),
                plot("Hits over time", "minutes", "share of tokens", ReplayPage::hitsOverTime),
                plot("Busy workers", "rank", "busy seconds", ReplayPage::busy));
    }

    private Plot plot(
            String title, String x, String y, Function<ReplayRun, List<Series.Point>> points) {
        List<Series> series = new ArrayList<>();
        for (ReplayRun run : shown()) {
            series.add(new Series("", true, points.apply(run)));
        }
        return new Plot(title, x, y, series);
    }

    private Plot hitsAgainstLatency() {
        double bound = Math.max(1e-12, report.bound());
        List<Series> series =
                report.runs().stream()
                        .map(
                                run ->
                                        new Series.Point(
                                                100 * run.hitRate() / bound,
                                                run.firstToken().percentile(90)))
                        .map(point -> new Series("", false, List.of(point)))
                        .toList();
        return new Plot(
                "Hits against TTFT p90, all policies",
                "% of an infinite cache's hits",
                "seconds",
                series);
    }

    private static List<Series.Point> cumulative(Spread spread) {
        List<Series.Point> points = new ArrayList<>();
        for (int i = 0; i < POINTS; i++) {
            double percent = 99.0 * i / (POINTS - 1);
            points.add(new Series.Point(spread.percentile(percent), percent / 100));
        }
        return points;
    }

    private static List<Series.Point> hitsOverTime(ReplayRun run) {
        double[] cached = new double[INTERVALS];
        double[] all = new double[INTERVALS];
        double length = run.spanSeconds() / INTERVALS;
        for (ReplayOutcome outcome : run.outcomes()) {
            int at = (int) Math.min(INTERVALS - 1, outcome.request().atNanos() / 1e9 / length);
            cached[at] += outcome.cachedTokens();
            all[at] += outcome.request().inputTokens();
        }
        List<Series.Point> points = new ArrayList<>();
        for (int i = 0; i < INTERVALS; i++) {
            points.add(new Series.Point((i + 0.5) * length / 60, cached[i] / Math.max(1, all[i])));
        }
        return points;
    }

    private static List<Series.Point> busy(ReplayRun run) {
        double[] sorted = run.busySeconds().clone();
        Arrays.sort(sorted);
        List<Series.Point> points = new ArrayList<>();
        for (int i = 0; i < sorted.length; i++) {
            points.add(new Series.Point(i + 1, sorted[i]));
        }
        return points;
    }
}
