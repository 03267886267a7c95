package dev.cairn.core.schedule;

import dev.cairn.core.block.BlockPools;
import dev.cairn.core.block.PrefixCaching;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.ports.engine.RunnerDescription;
import java.util.Map;

/**
 * Bounds of a scheduler; those of the runner hold besides.
 *
 * @param maxModelLength most tokens of prompt and answer together
 * @param maxRunningSequences most choices that are computed at once
 * @param maxChunkTokens most prompt tokens of one sequence in one step
 * @param maxWaitingRequests longest queue; beyond it requests are refused as overload
 * @param maxWaitingTokens most prompt tokens in the queue
 * @param prefixCaching whether computed blocks are kept for requests that begin alike
 * @param stepStretch how many times longer than without it answers may take while a prompt is read,
 *     more by as much for every further prompt; above 1, or 0 for no bound
 * @param longestPauseNanos how long a step may take so that a prompt beside answers is read in
 *     larger, cheaper chunks
 * @param tenantWeights share of each tenant when there is not enough for all, 1 for those not named
 * @param speculation whether and how answers are guessed
 */
public record SchedulerSettings(
        int maxModelLength,
        int maxRunningSequences,
        int maxChunkTokens,
        int maxWaitingRequests,
        long maxWaitingTokens,
        PrefixCaching prefixCaching,
        double stepStretch,
        long longestPauseNanos,
        Map<String, Double> tenantWeights,
        SpeculationSettings speculation) {

    /** Neither an answer nor a prompt takes more than twice as long because of the other. */
    public static final double USUAL_STRETCH = 2;

    /** A larger chunk in a while instead of a small one in every step: a pause of a second. */
    public static final long USUAL_PAUSE_NANOS = 1_000_000_000L;

    public SchedulerSettings {
        if (maxModelLength < 1
                || maxRunningSequences < 1
                || maxChunkTokens < 1
                || maxWaitingRequests < 1
                || maxWaitingTokens < 1) {
            throw new IllegalArgumentException("every bound of a scheduler is at least 1");
        }
        if (stepStretch != 0 && !(stepStretch > 1 && stepStretch <= 1e6)) {
            throw new IllegalArgumentException(
                    "a step is stretched by a factor above 1, or without a bound (0), not by "
                            + stepStretch);
        }
        if (longestPauseNanos < 0) {
            throw new IllegalArgumentException("a pause is no time or some");
        }
        tenantWeights = Map.copyOf(tenantWeights);
        for (double weight : tenantWeights.values()) {
            if (!(weight > 0 && weight <= 1e6)) {
                throw new IllegalArgumentException("a tenant's weight is above 0, not " + weight);
            }
        }
    }

    /** Longest sequence that these settings, model and pools allow. */
    int longestSequence(RunnerDescription runner, BlockPools pools) {
        return pools.longestSequence(Math.min(maxModelLength, runner.maxPositions()));
    }

    /** Without speculation. */
    public SchedulerSettings(
            int maxModelLength,
            int maxRunningSequences,
            int maxChunkTokens,
            int maxWaitingRequests,
            long maxWaitingTokens,
            PrefixCaching prefixCaching,
            double stepStretch,
            long longestPauseNanos,
            Map<String, Double> tenantWeights) {
        this(
                maxModelLength,
                maxRunningSequences,
                maxChunkTokens,
                maxWaitingRequests,
                maxWaitingTokens,
                prefixCaching,
                stepStretch,
                longestPauseNanos,
                tenantWeights,
                SpeculationSettings.OFF);
    }

    /** With prefix caching, the usual stretch and equal tenants. */
    public SchedulerSettings(
            int maxModelLength,
            int maxRunningSequences,
            int maxChunkTokens,
            int maxWaitingRequests,
            long maxWaitingTokens) {
        this(
                maxModelLength,
                maxRunningSequences,
                maxChunkTokens,
                maxWaitingRequests,
                maxWaitingTokens,
                PrefixCaching.ON,
                USUAL_STRETCH,
                USUAL_PAUSE_NANOS,
                Map.of());
    }

    /** Usual bounds for a model length; sequences and chunks are left to the runner's limits. */
    public static SchedulerSettings forModelLength(int maxModelLength) {
        return new SchedulerSettings(
                maxModelLength, Integer.MAX_VALUE, Integer.MAX_VALUE, 1024, 4L << 20);
    }

    /** The same bounds with other prefix caching. */
    public SchedulerSettings with(PrefixCaching caching) {
        return with(caching, stepStretch, longestPauseNanos, tenantWeights);
    }

    /** The same bounds with steps of other lengths. */
    public SchedulerSettings withStepStretch(double stretch) {
        return with(prefixCaching, stretch, longestPauseNanos, tenantWeights);
    }

    /** The same bounds with other pauses for the sake of prompts. */
    public SchedulerSettings withLongestPause(long nanos) {
        return with(prefixCaching, stepStretch, nanos, tenantWeights);
    }

    /** The same bounds with other shares. */
    public SchedulerSettings withTenantWeights(Map<String, Double> weights) {
        return with(prefixCaching, stepStretch, longestPauseNanos, weights);
    }

    /** The same bounds with other guesses. */
    public SchedulerSettings with(SpeculationSettings guessing) {
        return with(prefixCaching, stepStretch, longestPauseNanos, tenantWeights, guessing);
    }

    private SchedulerSettings with(
            PrefixCaching caching, double stretch, long pause, Map<String, Double> weights) {
        return with(caching, stretch, pause, weights, speculation);
    }

    private SchedulerSettings with(
            PrefixCaching caching,
            double stretch,
            long pause,
            Map<String, Double> weights,
            SpeculationSettings guessing) {
        return new SchedulerSettings(
                maxModelLength,
                maxRunningSequences,
                maxChunkTokens,
                maxWaitingRequests,
                maxWaitingTokens,
                caching,
                stretch,
                pause,
                weights,
                guessing);
    }
}
