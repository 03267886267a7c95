package dev.cairn.core.fleet;

import dev.cairn.core.route.PrefixIndexOptions;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Bounds of a router.
 *
 * @param blockTokens tokens of a worker's blocks
 * @param mostWorkers at a time
 * @param mostBlocks that the prefix index knows of, and as many that it expects
 * @param mostWaiting requests that wait while no worker is ready, or all have enough to do
 * @param perWorker what is sent to each worker before the rest waits
 * @param longestWaitNanos how long each of them waits for a worker to be ready
 * @param graceNanos how long a worker that just failed is expected back; while one is, new requests
 *     wait instead of being refused
 * @param mostTries workers that a request is sent to without a token in between
 * @param splitTokens a prompt of which fewer are left to compute is read where it is answered
 * @param splitShare as is one of which a smaller share is left to compute
 * @param records decisions that are kept to be explained
 * @param tenantWeights by which workers share themselves among tenants; 1 for those not named
 */
public record FleetSettings(
        int blockTokens,
        int mostWorkers,
        int mostBlocks,
        int mostWaiting,
        WorkerLimits perWorker,
        long longestWaitNanos,
        long graceNanos,
        int mostTries,
        int splitTokens,
        double splitShare,
        int records,
        Map<String, Double> tenantWeights) {

    /** What a router has that nobody configured. */
    public static FleetSettings usual(int blockTokens) {
        return new FleetSettings(
                blockTokens,
                1024,
                1 << 20,
                1024,
                WorkerLimits.USUAL,
                TimeUnit.SECONDS.toNanos(10),
                TimeUnit.SECONDS.toNanos(2),
                4,
                512,
                0.3,
                4096,
                Map.of());
    }

    public FleetSettings {
        tenantWeights = Map.copyOf(tenantWeights);
        if (blockTokens < 1 || mostTries < 1 || mostWaiting < 0 || splitTokens < 0 || records < 1) {
            throw new IllegalArgumentException(
                    "a router has blocks of tokens, tries at least once and keeps a record");
        }
    }

    /** Bounds of the index of what workers hold. */
    public PrefixIndexOptions index() {
        return new PrefixIndexOptions(mostBlocks, mostWorkers);
    }

    /** The same with another way to divide prompts. */
    public FleetSettings withSplit(int tokens, double share) {
        return new FleetSettings(
                blockTokens,
                mostWorkers,
                mostBlocks,
                mostWaiting,
                perWorker,
                longestWaitNanos,
                graceNanos,
                mostTries,
                tokens,
                share,
                records,
                tenantWeights);
    }

    /** The same with another waiting room. */
    public FleetSettings withWaiting(int requests, long longestNanos) {
        return new FleetSettings(
                blockTokens,
                mostWorkers,
                mostBlocks,
                requests,
                perWorker,
                longestNanos,
                graceNanos,
                mostTries,
                splitTokens,
                splitShare,
                records,
                tenantWeights);
    }

    /** The same with other shares of tenants. */
    public FleetSettings withTenantWeights(Map<String, Double> weights) {
        return new FleetSettings(
                blockTokens,
                mostWorkers,
                mostBlocks,
                mostWaiting,
                perWorker,
                longestWaitNanos,
                graceNanos,
                mostTries,
                splitTokens,
                splitShare,
                records,
                weights);
    }

    /** The same with other queues at workers. */
    public FleetSettings withPerWorker(WorkerLimits limits) {
        return new FleetSettings(
                blockTokens,
                mostWorkers,
                mostBlocks,
                mostWaiting,
                limits,
                longestWaitNanos,
                graceNanos,
                mostTries,
                splitTokens,
                splitShare,
                records,
                tenantWeights);
    }
}
