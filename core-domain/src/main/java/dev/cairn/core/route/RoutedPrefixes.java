package dev.cairn.core.route;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.stream.Stream;

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
    private final PrefixMatch match;

    /**
     * @param options bounds; at most {@code mostBlocks} blocks are counted, for all workers
     *     together
     * @param nanosToLive how long a prompt counts
     */
    public RoutedPrefixes(PrefixIndexOptions options, long nanosToLive) {
        this.index = new PrefixIndex(options);
        this.mostEntries = options.mostBlocks();
        this.nanosToLive = nanosToLive;
        this.match = index.newMatch();
    }

    /** Looks a prompt up, for {@link #depth}. */
    void match(long[] keys, int blocks, long nanos) {
        expire(nanos);
        index.match(keys, blocks, match);
    }

    /** Blocks of that prompt that were sent to a worker, from the first one on. */
    int depth(int worker) {
        return match.depth(worker);
    }

    /** Where it is looked up. */
    public PrefixIndex index() {
        return index;
    }

    /**
     * A prompt went to a worker.
     *
     * @return by which it can be taken back before its time
     */
    public Routed routed(int worker, long[] keys, int blocks, long nanos) {
        expire(nanos);
        return until(worker, keys, blocks, nanos + nanosToLive);
    }

    /** A prompt that went to a worker counts until some time. */
    Routed until(int worker, long[] keys, int blocks, long untilNanos) {
        int kept = Math.min(blocks, mostEntries);
        while (!queue.isEmpty() && index.entries() + kept > mostEntries) {
            queue.remove().forget();
        }
        Routed routed = new Routed(worker, keys, kept, untilNanos);
        index.stored(worker, 0, PrefixIndex.NO_PARENT, keys, 0, kept);
        queue.add(routed);
        return routed;
    }

    /** Those that count, the oldest first. */
    Stream<Routed> all() {
        return queue.stream().filter(each -> !each.isForgotten);
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

    /** A prompt that counts as held where it went. */
    public final class Routed {

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

        int worker() {
            return worker;
        }

        long[] keys() {
            return keys.length == blocks ? keys : Arrays.copyOf(keys, blocks);
        }

        long untilNanos() {
            return untilNanos;
        }

        /** It counts no more. Again does nothing. */
        public void forget() {
            if (!isForgotten) {
                isForgotten = true;
                index.removed(worker, 0, keys, 0, blocks);
            }
        }
    }
}
