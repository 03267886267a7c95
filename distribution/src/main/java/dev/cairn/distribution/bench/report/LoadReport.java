package dev.cairn.distribution.bench.report;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.load.LoadRun;
import dev.cairn.distribution.bench.load.LoadSummary;
import dev.cairn.distribution.bench.load.Pace;
import dev.cairn.distribution.bench.load.Slo;
import dev.cairn.distribution.bench.load.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * One prompt set under load.
 *
 * @param name of the set
 * @param sessions that were planned
 * @param requests that were planned
 */
public record LoadReport(
        String name,
        int sessions,
        int requests,
        Pace pace,
        LoadRun.Outcome outcome,
        LoadSummary summary,
        Slo slo) {

    private static final double[] PERCENTS = {50, 90, 95, 99};

    /** What was planned, in a line. */
    String how() {
        return "%d requests in %d sessions, %s".formatted(requests, sessions, pace.text());
    }

    /** The latencies by the names that the field gives them. */
    SequencedMap<String, Spread> latencies() {
        SequencedMap<String, Spread> latencies = new LinkedHashMap<>();
        latencies.put("ttft", summary.firstToken());
        latencies.put("tpot", summary.perToken());
        latencies.put("itl", summary.betweenChunks());
        latencies.put("e2el", summary.endToEnd());
        return latencies;
    }

    /** Every figure as a case of the JSON report, {@code chat/ttft-p50}. */
    public List<Result> results() {
        List<Result> results = new ArrayList<>();
        rates().forEach((rate, value) -> add(results, rate, "1/s", value));
        if (slo.isGiven()) {
            results.add(
                    new Result(
                            name + "/goodput",
                            "requests/s",
                            List.of(summary.good() / summary.seconds()),
                            Optional.of(slo.text()),
                            Optional.empty(),
                            Optional.empty()));
        }
        latencies()
                .forEach(
                        (latency, spread) -> {
                            add(results, latency + "-mean", "ms", spread.mean());
                            for (double percent : PERCENTS) {
                                add(
                                        results,
                                        latency + "-p" + (int) percent,
                                        "ms",
                                        spread.percentile(percent));
                            }
                            add(results, latency + "-max", "ms", spread.max());
                        });
        add(results, "requests", "requests", summary.requests());
        add(results, "answered", "requests", summary.answered());
        add(results, "cancelled", "requests", summary.cancelled());
        summary.errors()
                .forEach((kind, count) -> add(results, "errors/" + kind, "requests", count));
        add(results, "input-tokens", "tokens", summary.promptTokens());
        add(results, "output-tokens", "tokens", summary.outputTokens());
        add(results, "chunks", "chunks", summary.tokens().chunks());
        add(results, "cached", "share", summary.cachedShare());
        add(results, "duration", "s", summary.seconds());
        add(results, "client-cpu", "cores", summary.cpuShare());
        return results;
    }

    /** What the terminal shows. */
    public String table() {
        StringBuilder out = new StringBuilder();
        line(out, "%s: %s", name, how());
        line(
                out,
                "  answered %d of %d in %.2f s%s",
                summary.answered(),
                summary.requests(),
                summary.seconds(),
                outcome.stopped() ? " (ended early, " + summary.cancelled() + " broken off)" : "");
        line(
                out,
                "  %.2f requests/s, %.1f input tokens/s, %.1f output tokens/s%s",
                rates().get("request-throughput"),
                rates().get("input-throughput"),
                rates().get("output-throughput"),
                summary.cachedTokens() < 0
                        ? ""
                        : ", %.1f %% of input cached".formatted(100 * summary.cachedShare()));
        if (slo.isGiven()) {
            line(
                    out,
                    "  goodput %.2f requests/s: %d of %d kept %s",
                    summary.good() / summary.seconds(),
                    summary.good(),
                    summary.requests(),
                    slo.text());
        }
        line(
                out,
                "  %-9s%10s%10s%10s%10s%10s%10s",
                "ms",
                "mean",
                "p50",
                "p90",
                "p95",
                "p99",
                "max");
        latencies().forEach((latency, spread) -> out.append(row(latency, spread)));
        line(out, "  errors: %s", errors());
        line(out, "  tokens: %s", tokens());
        line(out, "  client: %s", client());
        return out.toString();
    }

    SequencedMap<String, Double> rates() {
        SequencedMap<String, Double> rates = new LinkedHashMap<>();
        rates.put("request-throughput", summary.answered() / summary.seconds());
        rates.put("input-throughput", summary.promptTokens() / summary.seconds());
        rates.put("output-throughput", summary.outputTokens() / summary.seconds());
        return rates;
    }

    /** Errors by kind, with an example each. */
    String errors() {
        if (summary.errors().isEmpty()) {
            return "none";
        }
        return summary.errors().entrySet().stream()
                .map(
                        error ->
                                "%d %s (%s)"
                                        .formatted(
                                                error.getValue(),
                                                error.getKey(),
                                                example(error.getKey())))
                .collect(Collectors.joining("; "));
    }

    /** How tokens were counted, and what did not agree. */
    String tokens() {
        LoadSummary.TokenCheck check = summary.tokens();
        StringBuilder said = new StringBuilder();
        said.append(
                check.withoutUsage() == 0
                        ? "counted by usage"
                        : check.withoutUsage() + " answers without usage, counted by chunks");
        said.append(", %d tokens in %d chunks".formatted(summary.outputTokens(), check.chunks()));
        note(said, check.moreChunks(), "answers with more chunks than tokens");
        note(said, check.otherOutput(), "answers of another length than was asked for");
        note(said, check.otherPrompt(), "prompts of another length than was meant");
        return said.toString();
    }

    /** What the load itself cost, and in an open loop whether it was in time. */
    String client() {
        String cost = "%.0f %% of one core".formatted(100 * summary.cpuShare());
        return pace instanceof Pace.Open
                ? cost
                        + "; requests sent %.1f ms late at p99"
                                .formatted(summary.lateMillis().percentile(99))
                : cost;
    }

    private String example(String kind) {
        return outcome.records().stream()
                .flatMap(record -> record.answer().problem().stream())
                .filter(problem -> problem.kind().equals(kind))
                .map(problem -> problem.message().replaceAll("\\s+", " "))
                .findFirst()
                .orElse("");
    }

    private static String row(String latency, Spread spread) {
        StringBuilder row = new StringBuilder("  %-9s".formatted(latency.toUpperCase(Locale.ROOT)));
        row.append(cell(spread.mean()));
        for (double percent : PERCENTS) {
            row.append(cell(spread.percentile(percent)));
        }
        return row.append(cell(spread.max())).append('\n').toString();
    }

    private static String cell(double value) {
        return Double.isNaN(value)
                ? "%10s".formatted("-")
                : String.format(Locale.ROOT, "%10.2f", value);
    }

    private static void note(StringBuilder said, int count, String what) {
        if (count > 0) {
            said.append("; ").append(count).append(' ').append(what);
        }
    }

    private void add(List<Result> results, String figure, String unit, double value) {
        results.add(new Result(name + "/" + figure, unit, List.of(value)));
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(format.formatted(values)).append('\n');
    }
}
