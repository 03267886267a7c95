package dev.cairn.distribution.replay;

import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.simulate.InfiniteCache;
import dev.cairn.core.simulate.ReplayOutcome;
import dev.cairn.core.simulate.TraceRequest;
import dev.cairn.distribution.bench.prompt.Trace;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.ports.fleet.RoutingPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Replays a trace under one policy after another, on the same fleet. The same trace, options and
 * seed give the same figures. Threads: one.
 */
public final class Replay {

    private final ReplayOptions options;
    private final List<TraceRequest> requests;
    private final FleetShape shape;
    private final double slowdown;

    /**
     * @param costs of the engines, before they are made slower
     */
    public Replay(ReplayOptions options, Trace trace, CostModel costs) {
        this.options = options;
        this.requests = requests(trace);
        int longest =
                requests.stream()
                        .mapToInt(request -> request.inputTokens() + request.outputTokens())
                        .max()
                        .orElse(0);
        FleetShape unscaled =
                new FleetShape(options.workers(), costs, options.cacheTokens(), longest + 1);
        this.slowdown = options.slowdown().orElseGet(() -> Slowdown.of(unscaled, requests));
        this.shape = unscaled.slower(slowdown);
    }

    private static List<TraceRequest> requests(Trace trace) {
        long begin = trace.lines().stream().mapToLong(Trace.Line::timestampMillis).min().orElse(0);
        List<TraceRequest> requests = new ArrayList<>();
        for (Trace.Line line : trace.lines()) {
            requests.add(
                    new TraceRequest(
                            (line.timestampMillis() - begin) * 1_000_000,
                            line.inputTokens(),
                            line.outputTokens(),
                            line.blocks().stream().mapToLong(Long::longValue).toArray()));
        }
        return requests;
    }

    /**
     * Replays under each policy, then under the default with other worths of a prefix.
     *
     * @param decisions hears of every request of the first policy, as it ends
     */
    public ReplayReport run(List<RoutingPolicy> policies, Consumer<ReplayOutcome> decisions) {
        List<ReplayRun> runs = new ArrayList<>();
        for (RoutingPolicy policy : policies) {
            Consumer<ReplayOutcome> listener = runs.isEmpty() ? decisions : _ -> {};
            runs.add(run(policy.name(), policy, listener));
        }
        for (double credit : options.credits()) {
            runs.add(
                    run(
                            "kv-aware, credit " + credit,
                            new KvAware(KvAware.Settings.USUAL.withCredit(credit)),
                            _ -> {}));
        }
        long input = requests.stream().mapToLong(TraceRequest::inputTokens).sum();
        double bound = (double) InfiniteCache.hits(requests, FleetShape.BLOCK_TOKENS) / input;
        return new ReplayReport(options, shape, slowdown, requests.size(), bound, runs);
    }

    private ReplayRun run(String name, RoutingPolicy policy, Consumer<ReplayOutcome> listener) {
        return ReplayRun.of(
                name, shape, policy, options.routers(), options.seed(), requests, listener);
    }
}
