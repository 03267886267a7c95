package dev.cairn.core.cache;

import dev.cairn.core.block.PrefixHashes;
import dev.cairn.ports.telemetry.TraceContext;

/**
 * What a sequence would like to begin with.
 *
 * @param prefix of the sequence, hashed
 * @param tokens of the sequence, and perhaps room behind
 * @param length how many there are
 * @param held how many of them the device can restore now
 * @param atMost tokens that it can use
 * @param chunk tokens that a step takes which may begin before all that it reads has come; 0 = none
 *     may
 * @param brought whether its blocks were brought here for it: then they are fetched, whatever it
 *     would take to compute them
 * @param trace of the request, for the span of a fetch
 */
public record Wish(
        PrefixHashes prefix,
        int[] tokens,
        int length,
        int held,
        int atMost,
        int chunk,
        boolean brought,
        TraceContext trace) {}
