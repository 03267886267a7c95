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

    /**
     * Scores every candidate.
     *
     * @param candidates healthy workers that serve the model, at least one
     * @return one score per candidate, in their order
     */
    List<Score> score(RouteQuestion question, List<Candidate> candidates);

    /**
     * What is to be routed.
     *
     * @param promptTokens length of the prompt
     * @param blockHashes of the prompt's full blocks, in order
     * @param session key for affinity; empty = none
     * @param noise random bits for policies that draw lots, so that replays repeat
     */
    record RouteQuestion(
            String model,
            int promptTokens,
            List<BlockHash> blockHashes,
            String session,
            long noise) {}

    /**
     * A worker that could take it.
     *
     * @param overlapBlocks prefix blocks that it holds, per tier name
     */
    record Candidate(String worker, LoadReport load, Map<String, Integer> overlapBlocks) {

        public Candidate {
            overlapBlocks = Map.copyOf(overlapBlocks);
        }
    }

    /**
     * @param cost lower is better; the lowest wins, ties go to the first
     * @param reason for people: the terms of the cost
     */
    record Score(double cost, String reason) {}
}
