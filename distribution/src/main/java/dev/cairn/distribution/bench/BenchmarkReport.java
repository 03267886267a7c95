package dev.cairn.distribution.bench;

import dev.cairn.ports.system.JsonValue;
import java.util.List;

/**
 * The outcome of a benchmark.
 *
 * @param benchmark {@code engine}, {@code serve}, ...
 * @param subject what was measured, in a line: model, types, kernels
 */
public record BenchmarkReport(String benchmark, String subject, List<Result> results) {

    public BenchmarkReport {
        results = List.copyOf(results);
    }

    /**
     * One case.
     *
     * @param runs single measurements, whose median is the value
     */
    public record Result(String name, String unit, List<Double> runs) {

        public Result {
            runs = runs.stream().sorted().toList();
        }

        double value() {
            int middle = runs.size() / 2;
            return runs.size() % 2 == 1
                    ? runs.get(middle)
                    : (runs.get(middle - 1) + runs.get(middle)) / 2;
        }
    }

    /** A line per case: median, and the span of its runs. */
    public String table() {
        var out = new StringBuilder(subject).append('\n');
        for (Result result : results) {
            out.append(
                    "%-16s %10.1f %-9s (%.1f .. %.1f in %d runs)%n"
                            .formatted(
                                    result.name(),
                                    result.value(),
                                    result.unit(),
                                    result.runs().getFirst(),
                                    result.runs().getLast(),
                                    result.runs().size()));
        }
        return out.toString();
    }

    /** The form of the design's section 9. No peer is at hand here, so nothing is judged. */
    public JsonValue json() {
        JsonValue machine =
                JsonValue.JsonObject.builder()
                        .put(
                                "os",
                                System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                        .put("processors", Runtime.getRuntime().availableProcessors())
                        .put("java", System.getProperty("java.version"))
                        .put("subject", subject)
                        .build();
        return JsonValue.JsonObject.builder()
                .put("benchmark", benchmark)
                .put("machine", machine)
                .put(
                        "results",
                        JsonValue.array(results.stream().map(BenchmarkReport::json).toList()))
                .build();
    }

    private static JsonValue json(Result result) {
        return JsonValue.JsonObject.builder()
                .put("case", result.name())
                .put("value", result.value())
                .put("unit", result.unit())
                .put("runs", JsonValue.array(result.runs().stream().map(JsonValue::of).toList()))
                .putNull("peer")
                .putNull("peer_value")
                .putNull("limit")
                .putNull("goal")
                .putNull("holds")
                .build();
    }
}
