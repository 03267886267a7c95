package dev.cairn.core.route;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What was sent where: the prefix index of a router whose workers say nothing, or have not said it
 * yet. A prompt counts as held where it went until its time is over, or until there is no room for
 * newer ones.
 *
 * <p>Threads: one router shard.
 */
public final class RoutedPrefixes {

    private final PrefixIndex index;
    private final long nanosToLive;
    private final int mostEntries;
    private final Queue<Routed> queue = new ArrayDeque<>();

    /**
     * @param options bounds; at most {@code mostBlocks} blocks are counted, for all workers
     *     together
     * @param nanosToLive how long a prompt counts
     */
    public RoutedPrefixes(PrefixIndexOptions options, long nanosToLive) {
        this.index = new PrefixIndex(options);
        this.mostEntries = options.mostBlocks();
        this.nanosToLive = nanosToLive;
    }

    /** Where it is looked up. */
    public PrefixIndex index() {
        return index;
    }

    /** A prompt went to a worker; returns what takes it back before its time. */
    public Runnable routed(int worker, long[] keys, int blocks, long nanos) {
        expire(nanos);
        int kept = Math.min(blocks, mostEntries);
        while (!queue.isEmpty() && index.entries() + kept > mostEntries) {
            queue.remove().forget();
        }
        Routed routed = new Routed(worker, keys, kept, nanos + nanosToLive);
        index.stored(worker, 0, PrefixIndex.NO_PARENT, keys, 0, kept);
        queue.add(routed);
        return routed::forget;
    }

    /** Forgets what is too old. */
    public void expire(long nanos) {
        while (!queue.isEmpty() && (queue.peek().isForgotten || queue.peek().untilNanos <= nanos)) {
            queue.remove().forget();
        }
    }

    /** The worker is gone, and what went there with it. Takes time in proportion to the index. */
    public void left(int worker) {
        for (Routed each : queue) {
            each.isForgotten |= each.worker == worker;
        }
        index.cleared(worker);
    }

    private final class Routed {

        private final int worker;
        private final long[] keys;
        private final int blocks;
        private final long untilNanos;
        private boolean isForgotten;

        private Routed(int worker, long[] keys, int blocks, long untilNanos) {
            this.worker = worker;
            this.keys = keys;
            this.blocks = blocks;
            this.untilNanos = untilNanos;
        }

        private void forget() {
            if (!isForgotten) {
                isForgotten = true;
                index.removed(worker, 0, keys, 0, blocks);
            }
        }
    }
}
