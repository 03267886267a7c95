package dev.cairn.core.schedule;

import dev.cairn.core.block.PrefixCaching;
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
 * @param stepStretch how many times longer than its decodes alone a step may take while a prompt is
 *     read, more by as much for every further prompt; above 1, or 0 for no bound
 * @param tenantWeights share of each tenant when there is not enough for all, 1 for those not named
 */
public record SchedulerSettings(
        int maxModelLength,
        int maxRunningSequences,
        int maxChunkTokens,
        int maxWaitingRequests,
        long maxWaitingTokens,
        PrefixCaching prefixCaching,
        double stepStretch,
        Map<String, Double> tenantWeights) {

    /** Neither an answer nor a prompt takes more than twice as long because of the other. */
    public static final double USUAL_STRETCH = 2;

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
        tenantWeights = Map.copyOf(tenantWeights);
        for (double weight : tenantWeights.values()) {
            if (!(weight > 0 && weight <= 1e6)) {
                throw new IllegalArgumentException("a tenant's weight is above 0, not " + weight);
            }
        }
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
                Map.of());
    }

    /** Usual bounds for a model length; sequences and chunks are left to the runner's limits. */
    public static SchedulerSettings forModelLength(int maxModelLength) {
        return new SchedulerSettings(
                maxModelLength, Integer.MAX_VALUE, Integer.MAX_VALUE, 1024, 4L << 20);
    }

    /** The same bounds with other prefix caching. */
    public SchedulerSettings with(PrefixCaching caching) {
        return with(caching, stepStretch, tenantWeights);
    }

    /** The same bounds with steps of other lengths. */
    public SchedulerSettings withStepStretch(double stretch) {
        return with(prefixCaching, stretch, tenantWeights);
    }

    /** The same bounds with other shares. */
    public SchedulerSettings withTenantWeights(Map<String, Double> weights) {
        return with(prefixCaching, stepStretch, weights);
    }

    private SchedulerSettings with(
            PrefixCaching caching, double stretch, Map<String, Double> weights) {
        return new SchedulerSettings(
                maxModelLength,
                maxRunningSequences,
                maxChunkTokens,
                maxWaitingRequests,
                maxWaitingTokens,
                caching,
                stretch,
                weights);
    }
}
