package dev.cairn.ports.cache;

import java.util.List;

/**
 * What changed in one worker's cache since the batch before.
 *
 * @param sequence counts up by one per batch, from 0 when the worker starts
 * @param epochMicros when it was published, microseconds since 1970; never less than that of the
 *     batch before, so that a batch heard twice can be told from a worker that started anew
 * @param events in order
 */
public record KvEventBatch(long sequence, long epochMicros, List<KvEvent> events) {

    public KvEventBatch {
        events = List.copyOf(events);
    }
}
