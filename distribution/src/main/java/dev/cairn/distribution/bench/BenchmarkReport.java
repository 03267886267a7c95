package dev.cairn.distribution.bench;

import dev.cairn.ports.system.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
     * @param runs single measurements, whose median is the value; none where nothing was measured
     * @param limit that the measurement kept to, if any
     * @param goal in words, if there is one
     * @param holds whether the goal is reached; empty where it could not be judged
     */
    public record Result(
            String name,
            String unit,
            List<Double> runs,
            Optional<String> limit,
            Optional<String> goal,
            Optional<Boolean> holds) {

        public Result {
            runs = runs.stream().filter(Double::isFinite).sorted().toList();
        }

        /** A figure that nothing is asked of. */
        public Result(String name, String unit, List<Double> runs) {
            this(name, unit, runs, Optional.empty(), Optional.empty(), Optional.empty());
        }

        /** A figure with a goal. */
        public static Result judged(
                String name, String unit, List<Double> runs, String goal, boolean holds) {
            return new Result(
                    name, unit, runs, Optional.empty(), Optional.of(goal), Optional.of(holds));
        }

        /** A goal that could not be judged; the limit says why. */
        public static Result unjudged(String name, String unit, String goal, String why) {
            return new Result(
                    name, unit, List.of(), Optional.of(why), Optional.of(goal), Optional.empty());
        }

        /** The median; NaN of nothing. */
        public double value() {
            int middle = runs.size() / 2;
            if (runs.isEmpty()) {
                return Double.NaN;
            }
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
                    "%-19s %10.1f %-9s (%.1f .. %.1f in %d runs)%n"
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

    /** A line per case that has a goal: value, goal, and whether it holds. */
    public String goals() {
        var out = new StringBuilder();
        for (Result result : results) {
            result.goal()
                    .ifPresent(
                            goal ->
                                    out.append(
                                            "%-28s %10s %-9s goal %s: %s%s%n"
                                                    .formatted(
                                                            result.name(),
                                                            shown(result.value()),
                                                            result.unit(),
                                                            goal,
                                                            verdict(result),
                                                            result.limit()
                                                                    .map(why -> " (" + why + ")")
                                                                    .orElse(""))));
        }
        return out.toString();
    }

    /** Whether a goal is reached, in a word or two. */
    public static String verdict(Result result) {
        return result.holds().map(holds -> holds ? "holds" : "MISSED").orElse("not judged");
    }

    private static String shown(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }

    /** The form of the design's section 9. No peer is at hand here. */
    public JsonValue json() {
        JsonValue.Builder machine = JsonValue.JsonObject.builder();
        Machine.describe().forEach(machine::put);
        return JsonValue.JsonObject.builder()
                .put("benchmark", benchmark)
                .put("machine", machine.put("subject", subject).build())
                .put(
                        "results",
                        JsonValue.array(results.stream().map(BenchmarkReport::json).toList()))
                .build();
    }

    private static JsonValue json(Result result) {
        double value = result.value();
        return JsonValue.JsonObject.builder()
                .put("case", result.name())
                .put("value", Double.isNaN(value) ? JsonValue.NULL : JsonValue.of(value))
                .put("unit", result.unit())
                .put("runs", JsonValue.array(result.runs().stream().map(JsonValue::of).toList()))
                .putNull("peer")
                .putNull("peer_value")
                .put("limit", result.limit().orElse(null))
                .put("goal", result.goal().orElse(null))
                .put("holds", result.holds().<JsonValue>map(JsonValue::of).orElse(JsonValue.NULL))
                .build();
    }
}
