package dev.cairn.distribution.bench.report;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.Machine;
import dev.cairn.distribution.bench.load.Spread;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.util.List;
import java.util.Locale;

/**
 * A page with everything that was measured: tables and plots in one file, well-formed as XML too,
 * that loads nothing.
 *
 * @param commandLine that measured it
 * @param moment when, for people
 */
public record HtmlReport(
        BenchmarkReport report, List<LoadReport> loads, String commandLine, String moment) {

    /** Of all pages with plots. */
    public static final String STYLE =
            """
            :root { color-scheme: light dark; }
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1180px; padding: 0 1em; }
            table { border-collapse: collapse; margin: 0.6em 0; }
            td, th { border-bottom: 1px solid #8886; padding: 2px 12px 2px 0; text-align: right; }
            td:first-child, th:first-child { text-align: left; }
            code { overflow-wrap: anywhere; }
            .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); gap: 10px; }
            svg { width: 100%; background: #8881; }
            text { fill: currentColor; font-size: 11px; }
            .head { font-size: 13px; font-weight: 600; }
            .grid { stroke: #8885; stroke-width: 0.6; }
            polyline { fill: none; stroke-width: 1.6; }
            .s0 { stroke: #3b78c2; } .f0 { fill: #3b78c2; }
            .s1 { stroke: #d1703c; } .f1 { fill: #d1703c; }
            .holds { color: #2a8a4a; } .missed { color: #c33; font-weight: 600; }
            """;

    public HtmlReport {
        loads = List.copyOf(loads);
    }

    public String page() {
        StringBuilder out = new StringBuilder(1 << 16);
        out.append(
                "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\"><head>"
                        + "<meta charset=\"utf-8\"/><title>cairn bench "
                        + Markup.text(report.benchmark())
                        + "</title>\n<style>\n"
                        + STYLE
                        + "</style></head><body>\n<h1>cairn bench "
                        + Markup.text(report.benchmark())
                        + "</h1>\n");
        paragraph(out, report.subject());
        out.append("<p><code>").append(Markup.text(commandLine)).append("</code></p>\n");
        paragraph(out, moment + "; " + machine());
        goals(out);
        loads.forEach(load -> section(out, load));
        cases(out);
        return out.append("</body></html>\n").toString();
    }

    private static String machine() {
        StringBuilder said = new StringBuilder();
        Machine.describe()
                .forEach(
                        (name, value) ->
                                said.append(said.isEmpty() ? "" : ", ")
                                        .append(name)
                                        .append(' ')
                                        .append(
                                                value instanceof JsonString(var text)
                                                        ? text
                                                        : JsonWriter.write(value)));
        return said.toString();
    }

    private void goals(StringBuilder out) {
        List<Result> judged =
                report.results().stream().filter(result -> result.goal().isPresent()).toList();
        if (judged.isEmpty()) {
            return;
        }
        out.append(
                "<h2>Goals</h2>\n<table><tr><th>case</th><th>value</th><th>unit</th><th>goal</th><th></th></tr>\n");
        for (Result result : judged) {
            String style = result.holds().map(holds -> holds ? "holds" : "missed").orElse("");
            row(
                    out,
                    result.name(),
                    number(result.value()),
                    result.unit(),
                    result.goal().orElse(""),
                    BenchmarkReport.verdict(result),
                    style);
        }
        out.append("</table>\n");
    }

    private static void section(StringBuilder out, LoadReport load) {
        out.append("<h2>").append(Markup.text(load.name())).append("</h2>\n");
        paragraph(out, load.how());
        paragraph(
                out,
                "Answered %d of %d in %.2f s%s. Errors: %s."
                        .formatted(
                                load.summary().answered(),
                                load.summary().requests(),
                                load.summary().seconds(),
                                load.outcome().stopped() ? ", ended early" : "",
                                load.errors()));
        paragraph(out, "Tokens: " + load.tokens() + ". Client: " + load.client() + ".");
        out.append(
                "<table><tr><th>ms</th><th>mean</th><th>p50</th><th>p90</th><th>p95</th><th>p99</th><th>max</th></tr>\n");
        load.latencies()
                .forEach((name, spread) -> latency(out, name.toUpperCase(Locale.ROOT), spread));
        out.append("</table>\n<div class=\"plots\">\n");
        new Timelines(load.outcome().records(), load.summary().seconds())
                .plots()
                .forEach(plot -> out.append(plot.svg()));
        load.latencies()
                .forEach(
                        (name, spread) ->
                                out.append(
                                        Timelines.distribution(
                                                        name.toUpperCase(Locale.ROOT), spread)
                                                .svg()));
        out.append("</div>\n");
    }

    private static void latency(StringBuilder out, String name, Spread spread) {
        out.append("<tr><td>").append(name).append("</td>");
        double[] values = {
            spread.mean(),
            spread.percentile(50),
            spread.percentile(90),
            spread.percentile(95),
            spread.percentile(99),
            spread.max()
        };
        for (double value : values) {
            out.append("<td>").append(number(value)).append("</td>");
        }
        out.append("</tr>\n");
    }

    private void cases(StringBuilder out) {
        out.append(
                "<h2>All figures</h2>\n<table><tr><th>case</th><th>value</th><th>unit</th><th>limit</th></tr>\n");
        for (Result result : report.results()) {
            out.append("<tr>");
            for (String cell :
                    List.of(
                            result.name(),
                            number(result.value()),
                            result.unit(),
                            result.limit().orElse(""))) {
                out.append("<td>").append(Markup.text(cell)).append("</td>");
            }
            out.append("</tr>\n");
        }
        out.append("</table>\n");
    }

    private static void row(
            StringBuilder out,
            String name,
            String value,
            String unit,
            String goal,
            String verdict,
            String style) {
        for (String cell : List.of(name, value, unit, goal)) {
            out.append(cell.equals(name) ? "<tr><td>" : "<td>")
                    .append(Markup.text(cell))
                    .append("</td>");
        }
        out.append("<td class=\"")
                .append(style)
                .append("\">")
                .append(verdict)
                .append("</td></tr>\n");
    }

    private static void paragraph(StringBuilder out, String text) {
        out.append("<p>").append(Markup.text(text)).append("</p>\n");
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }
}
