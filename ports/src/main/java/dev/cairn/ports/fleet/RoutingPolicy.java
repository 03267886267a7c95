package dev.cairn.ports.fleet;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import java.util.List;
import java.util.Map;

/**
 * Picks a worker for a request. A pure function of what it is given, so that a decision can be
 * replayed and explained.
 *
 * <p>Threads: one router shard at a time; never waits. Must be fast: it runs once per request.
 */
public interface RoutingPolicy {

    /**
     * The name that configuration and explanations use: {@code "kv-aware"}, {@code "round-robin"}.
     */
    String name();

    /** What it wants to know of the candidates' caches; the router finds out no more than that. */
    default Knowledge knowledge() {
        return Knowledge.EVENTS;
    }

    /**
     * Costs alone, for the path of a request: the same as {@link #score} without the reasons, which
     * are asked for when somebody wants them.
     *
     * @param costs gets one per candidate, in their order
     */
    default void costs(RouteQuestion question, List<Candidate> candidates, double[] costs) {
        List<Score> scores = score(question, candidates);
        for (int i = 0; i < scores.size(); i++) {
            costs[i] = scores.get(i).cost();
        }
    }

    /**
     * Scores every candidate.
     *
     * @param candidates healthy workers that serve the model, at least one
     * @return one score per candidate, in their order
     */
    List<Score> score(RouteQuestion question, List<Candidate> candidates);

    /** Where {@link Candidate#overlapBlocks} come from. */
    enum Knowledge {
        /** It is empty. */
        NOTHING,
        /** What workers say they hold, and what was sent to them a moment ago. */
        EVENTS,
        /** What was sent to them for some time: for workers that say nothing. */
        ROUTED
    }

    /**
     * What is to be routed.
     *
     * @param promptTokens length of the prompt
     * @param blockTokens tokens of a block
     * @param blockHashes of the prompt's full blocks, in order
     * @param session key for affinity; empty = none
     * @param ordinal how many questions came before, for policies that take turns
     * @param noise random bits for policies that draw lots, so that replays repeat; also decides
     *     between equal costs
     */
    record RouteQuestion(
            String model,
            int promptTokens,
            int blockTokens,
            List<BlockHash> blockHashes,
            String session,
            long ordinal,
            long noise) {}

    /**
     * A worker that could take it.
     *
     * @param load what it reported, and what was booked there since
     * @param overlapBlocks prefix blocks that it holds without a gap, per tier name, each counted
     *     for its fastest tier
     * @param elsewhere of the load what other routers booked
     */
    record Candidate(
            String worker,
            LoadReport load,
            Map<String, Integer> overlapBlocks,
            LoadReport elsewhere) {

        public Candidate {
            overlapBlocks = Map.copyOf(overlapBlocks);
        }

        /** Where there is one router. */
        public Candidate(String worker, LoadReport load, Map<String, Integer> overlapBlocks) {
            this(worker, load, overlapBlocks, LoadReport.NONE);
        }
    }

    /**
     * @param cost lower is better; the lowest wins
     * @param reason for people: the terms of the cost
     */
    record Score(double cost, String reason) {}
}
