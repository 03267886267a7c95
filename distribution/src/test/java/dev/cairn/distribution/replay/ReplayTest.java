package dev.cairn.distribution.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.route.policy.RoundRobin;
import dev.cairn.core.simulate.ReplayOutcome;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.distribution.bench.prompt.Trace;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

/** A trace of conversations through small fleets. */
class ReplayTest {

    private static final int WORKERS = 4;
    private static final int BLOCK = Trace.BLOCK_TOKENS;

    @Test
    void hitsCanBeRecountedFromTheDecisions() throws IOException {
        StringWriter lines = new StringWriter();
        Trace trace = conversations(3, 150);
        ReplayReport report =
                new Replay(options(Optional.of(3.0), 1), trace, costs())
                        .run(List.of(new KvAware()), new DecisionLines(lines));
        Map<String, Set<Long>> caches = new HashMap<>();
        long most = 0;
        long claimed = 0;
        for (String text : lines.toString().split("\n")) {
            JsonObject line = (JsonObject) JsonReader.read(text);
            Trace.Line request = trace.lines().get((int) number(line, "request"));
            Set<Long> cache =
                    caches.computeIfAbsent(
                            ((JsonString) line.member("worker")).value(), _ -> new HashSet<>());
            most += (long) held(request, cache) * BLOCK;
            cache.addAll(request.blocks());
            claimed += (long) number(line, "cached_tokens");
        }
        assertThat(claimed).isPositive().isLessThanOrEqualTo(most);
        assertThat(number((JsonObject) report.json(), "hit_rate"))
                .isEqualTo((double) claimed / input(trace));
    }

    @Test
    void kvAwareFindsMoreThanRoundRobinAndNoMoreThanThereIs() throws IOException {
        ReplayReport report =
                new Replay(options(Optional.of(3.0), 1), conversations(4, 200), costs())
                        .run(List.of(new KvAware(), new RoundRobin()), _ -> {});
        double kvAware = report.runs().get(0).hitRate();
        assertThat(kvAware).isLessThanOrEqualTo(report.bound());
        assertThat(kvAware).isGreaterThan(1.5 * report.runs().get(1).hitRate());
        assertThat(report.runs()).allMatch(run -> run.bookings() == 0 && run.failed() == 0);
    }

    @Test
    void theSameSeedGivesTheSameFigures() throws IOException {
        Trace trace = conversations(5, 100);
        assertThat(figures(trace, 1)).isEqualTo(figures(trace, 1));
        assertThat(figures(trace, 1)).isNotEqualTo(figures(trace, 2));
    }

    @Test
    void enginesAreSlowedUntilRoundRobinKeepsThemBusy() throws IOException {
        ReplayReport report =
                new Replay(options(Optional.empty(), 1), conversations(6, 400), costs())
                        .run(List.of(new RoundRobin()), _ -> {});
        assertThat(report.runs().getFirst().promptBusy()).isBetween(0.60, 0.75);
    }

    @Test
    void thePageIsWellFormed() throws IOException {
        ReplayReport report =
                new Replay(
                                new ReplayOptions(
                                        "a <trace> & more",
                                        WORKERS,
                                        1,
                                        1 << 20,
                                        1,
                                        Optional.of(2.0),
                                        List.of(0.0, 4.0)),
                                conversations(7, 60),
                                costs())
                        .run(List.of(new KvAware()), _ -> {});
        String page = new ReplayPage(report).html();
        assertThat(page).contains("a &lt;trace&gt; &amp; more", "kv-aware, credit 4.0", "<svg");
        assertThat(page).doesNotContain("<script", "src=", "href=");
        String body = page.substring(page.indexOf("<html"));
        assertThatCode(
                        () ->
                                DocumentBuilderFactory.newInstance()
                                        .newDocumentBuilder()
                                        .parse(new InputSource(new StringReader(body))))
                .doesNotThrowAnyException();
    }

    private static String figures(Trace trace, long seed) {
        ReplayReport report =
                new Replay(options(Optional.of(3.0), seed), trace, costs())
                        .run(List.of(new KvAware()), _ -> {});
        ReplayRun run = report.runs().getFirst();
        StringBuilder figures = new StringBuilder();
        for (ReplayOutcome outcome : run.outcomes()) {
            figures.append(outcome.index())
                    .append(' ')
                    .append(outcome.worker())
                    .append(' ')
                    .append(outcome.cachedTokens())
                    .append(' ')
                    .append(outcome.firstTokenNanos())
                    .append(' ')
                    .append(outcome.endNanos())
                    .append('\n');
        }
        return figures.toString() + run.loadImbalance() + " " + run.steps();
    }

    private static ReplayOptions options(Optional<Double> slowdown, long seed) {
        return new ReplayOptions("test", WORKERS, 1, 1 << 20, seed, slowdown, List.of());
    }

    private static CostModel costs() {
        return CostModel.named("llama-3.1-8b@h200").orElseThrow();
    }

    private static double number(JsonObject object, String name) {
        return ((JsonNumber) object.member(name)).doubleValue();
    }

    private static int held(Trace.Line request, Set<Long> cache) {
        int held = 0;
        while (held < request.inputTokens() / BLOCK && cache.contains(request.blocks().get(held))) {
            held++;
        }
        return held;
    }

    private static long input(Trace trace) {
        return trace.lines().stream().mapToLong(Trace.Line::inputTokens).sum();
    }

    /** Turns that repeat what was said; a request every 100 ms or so. */
    private static Trace conversations(long seed, int count) throws IOException {
        SeededRandom random = new SeededRandom(seed);
        List<List<Long>> open = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        long ids = 0;
        double at = 0;
        for (int i = 0; i < count; i++) {
            at += random.nextExponential(100);
            List<Long> blocks = new ArrayList<>();
            if (!open.isEmpty() && random.nextInt(4) > 0) {
                blocks.addAll(open.remove(random.nextInt(open.size())));
            }
            for (int more = 1 + random.nextInt(8); more > 0; more--) {
                blocks.add(ids++);
            }
            open.add(blocks);
            lines.append(
                    "{\"timestamp\": %d, \"input_length\": %d, \"output_length\": %d, \"hash_ids\": %s}%n"
                            .formatted(
                                    (long) at,
                                    blocks.size() * BLOCK,
                                    1 + random.nextInt(40),
                                    blocks));
        }
        return Trace.read(
                new BufferedReader(new StringReader(lines.toString())), "test", Integer.MAX_VALUE);
    }
}
