package dev.cairn.core.schedule;

import dev.cairn.core.block.PrefixCaching;

/**
 * Bounds of a scheduler; those of the runner hold besides.
 *
 * @param maxModelLength most tokens of prompt and answer together
 * @param maxRunningSequences most choices that are computed at once
 * @param maxChunkTokens most prompt tokens of one sequence in one step
 * @param maxWaitingRequests longest queue; beyond it requests are refused as overload
 * @param maxWaitingTokens most prompt tokens in the queue
 * @param prefixCaching whether computed blocks are kept for requests that begin alike
 */
public record SchedulerSettings(
        int maxModelLength,
        int maxRunningSequences,
        int maxChunkTokens,
        int maxWaitingRequests,
        long maxWaitingTokens,
        PrefixCaching prefixCaching) {

    public SchedulerSettings {
        if (maxModelLength < 1
                || maxRunningSequences < 1
                || maxChunkTokens < 1
                || maxWaitingRequests < 1
                || maxWaitingTokens < 1) {
            throw new IllegalArgumentException("every bound of a scheduler is at least 1");
        }
    }

    /** With prefix caching. */
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
                PrefixCaching.ON);
    }

    /** Usual bounds for a model length; sequences and chunks are left to the runner's limits. */
    public static SchedulerSettings forModelLength(int maxModelLength) {
        return new SchedulerSettings(
                maxModelLength, Integer.MAX_VALUE, Integer.MAX_VALUE, 1024, 4L << 20);
    }

    /** The same bounds with other prefix caching. */
    public SchedulerSettings with(PrefixCaching caching) {
        return new SchedulerSettings(
                maxModelLength,
                maxRunningSequences,
                maxChunkTokens,
                maxWaitingRequests,
                maxWaitingTokens,
                caching);
    }
}
