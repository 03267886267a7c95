package dev.cairn.core.schedule;

import dev.cairn.core.cache.TieredCache;
import java.util.Iterator;

/**
 * Has what waiting sequences will begin with brought closer while they wait. Each is looked at
 * once, the best-ranked first, and no more of the queue than its beginning.
 *
 * <p>Threads: one mailbox owns it.
 */
final class QueuePrefetch {

    private static final int LOOK_AHEAD = 32;

    private final TieredCache tiers;
    private final WaitingQueue waiting;

    QueuePrefetch(TieredCache tiers, WaitingQueue waiting) {
        this.tiers = tiers;
        this.waiting = waiting;
    }

    /** Looks who waits; called when it was decided who begins now. */
    void look(long nanos) {
        if (waiting.isEmpty() || !tiers.mayPrefetch()) {
            return;
        }
        Iterator<Sequence> queue = waiting.inOrder();
        for (int i = 0; i < LOOK_AHEAD && queue.hasNext() && tiers.mayPrefetch(); i++) {
            Sequence sequence = queue.next();
            if (sequence.awaited().mayPrefetch() && sequence.restorable() > 0) {
                sequence.awaited()
                        .prefetches(
                                tiers.prefetch(sequence.prefix(), sequence.restorable(), nanos));
            }
        }
    }
}
