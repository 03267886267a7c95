package dev.cairn.distribution.replay;

import java.util.List;
import java.util.Optional;

/**
 * What a replay is asked for.
 *
 * @param trace its name, for people
 * @param routers that take turns
 * @param cacheTokens of each worker, all tiers together
 * @param slowdown of the engines; empty = so that round robin keeps them busy enough
 * @param credits worths of a prefix to try besides
 */
public record ReplayOptions(
        String trace,
        int workers,
        int routers,
        long cacheTokens,
        long seed,
        Optional<Double> slowdown,
        List<Double> credits) {

    public ReplayOptions {
        credits = List.copyOf(credits);
    }
}
