package dev.cairn.distribution.replay;

import dev.cairn.distribution.bench.Machine;
import dev.cairn.distribution.bench.load.Spread;
import dev.cairn.engine.simulated.StepWork;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Locale;

/**
 * The figures of a replay, as text and as JSON.
 *
 * @param slowdown of the engines
 * @param bound hit rate of one cache without end
 */
public record ReplayReport(
        ReplayOptions options,
        FleetShape shape,
        double slowdown,
        int requests,
        double bound,
        List<ReplayRun> runs) {

    private static final double[] PERCENTILES = {50, 90, 99};

    /** An answer is good if it comes within so many times what the mean prompt and a step take. */
    private static final double GOOD_TIMES = 4;

    public ReplayReport {
        runs = List.copyOf(runs);
    }

    /** Seconds to the first token that a good answer takes at most. */
    double goodFirstToken() {
        double tokens =
                runs.getFirst().outcomes().stream()
                        .mapToInt(outcome -> outcome.request().inputTokens())
                        .average()
                        .orElse(0);
        StepWork alone = new StepWork((int) Math.max(1, tokens), 1, tokens * (tokens + 1) / 2, 0);
        return GOOD_TIMES * shape.costs().nanos(alone) / 1e9;
    }

    /** Seconds between tokens that a good answer takes at most. */
    double goodPerToken() {
        return GOOD_TIMES * shape.costs().nanos(new StepWork(1, 1, 0, 0)) / 1e9;
    }

    /** What was replayed, in a line. */
    String subject() {
        return String.format(
                Locale.ROOT,
                "%d requests of %s, %s%d workers of %d tokens of cache, %s %.2f times slower, seed"
                        + " %d",
                requests,
                options.trace(),
                options.routers() == 1 ? "" : options.routers() + " routers, ",
                options.workers(),
                options.cacheTokens(),
                shape.costs().subject(),
                slowdown,
                options.seed());
    }

    /** For people. */
    public String text() {
        StringBuilder out = new StringBuilder(subject()).append("\n\n");
        add(
                out,
                "%-22s %6s %7s %25s %22s %6s %6s %6s %6s%n",
                "",
                "hits",
                "of most",
                "TTFT s p50     p90     p99",
                "TPOT s p50   p90   p99",
                "good",
                "imbal.",
                "prompt",
                "wall s");
        for (ReplayRun run : runs) {
            Spread first = run.firstToken();
            Spread per = run.perToken();
            add(
                    out,
                    "%-22s %5.1f%% %6.1f%% %9.2f %7.2f %7.2f %10.3f %5.3f %5.3f %5.1f%% %6.3f"
                            + " %5.1f%% %6.1f%n",
                    run.name(),
                    100 * run.hitRate(),
                    100 * run.hitRate() / Math.max(1e-12, bound),
                    first.percentile(50),
                    first.percentile(90),
                    first.percentile(99),
                    per.percentile(50),
                    per.percentile(90),
                    per.percentile(99),
                    100 * run.goodShare(goodFirstToken(), goodPerToken()),
                    run.loadImbalance(),
                    100 * run.promptBusy(),
                    run.wallSeconds());
        }
        add(
                out,
                "%nAn infinite cache finds %.1f%% of the prompts' tokens. Good: first token within"
                        + " %.1f s and others within %.2f s. Prompt: share of the time that workers"
                        + " read prompts.%n",
                100 * bound,
                goodFirstToken(),
                goodPerToken());
        return out.toString();
    }

    private static void add(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }

    /** One object; the figures of the first policy stand at its top. */
    public JsonValue json() {
        JsonValue.Builder machine = JsonObject.builder();
        Machine.describe().forEach(machine::put);
        JsonValue.Builder out =
                JsonObject.builder()
                        .put("benchmark", "replay")
                        .put("machine", machine.put("subject", subject()).build())
                        .put("trace", options.trace())
                        .put("requests", requests)
                        .put("workers", options.workers())
                        .put("routers", options.routers())
                        .put("cache_tokens", options.cacheTokens())
                        .put("seed", options.seed())
                        .put("cost_model", shape.costs().subject())
                        .put("slowdown", slowdown)
                        .put("infinite_cache_hit_rate", bound)
                        .put("good_ttft_seconds", goodFirstToken())
                        .put("good_tpot_seconds", goodPerToken());
        put(out, runs.getFirst());
        return out.put(
                        "runs",
                        JsonValue.array(
                                runs.stream()
                                        .<JsonValue>map(
                                                run -> put(JsonObject.builder(), run).build())
                                        .toList()))
                .build();
    }

    private JsonValue.Builder put(JsonValue.Builder out, ReplayRun run) {
        out.put("policy", run.name())
                .put("hit_rate", run.hitRate())
                .put("share_of_infinite_cache", run.hitRate() / Math.max(1e-12, bound))
                .put("load_imbalance", run.loadImbalance())
                .put("prompt_busy", run.promptBusy())
                .put("good_share", run.goodShare(goodFirstToken(), goodPerToken()))
                .put(
                        "goodput_requests_per_second",
                        run.goodShare(goodFirstToken(), goodPerToken())
                                * requests
                                / run.spanSeconds())
                .put("failed", run.failed())
                .put("bookings_left", run.bookings())
                .put("steps", run.steps())
                .put("wall_seconds", run.wallSeconds());
        spread(out, "ttft_seconds", run.firstToken());
        spread(out, "tpot_seconds", run.perToken());
        return out;
    }

    private static void spread(JsonValue.Builder out, String name, Spread spread) {
        JsonValue.Builder values = JsonObject.builder().put("mean", number(spread.mean()));
        for (double percent : PERCENTILES) {
            values.put("p" + (int) percent, number(spread.percentile(percent)));
        }
        out.put(name, values.put("max", number(spread.max())).build());
    }

    private static JsonValue number(double value) {
        return Double.isNaN(value) ? JsonValue.NULL : JsonValue.of(value);
    }
}
