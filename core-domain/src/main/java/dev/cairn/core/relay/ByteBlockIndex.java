package dev.cairn.core.relay;

import dev.cairn.ports.relay.PromptBlocks;
import java.util.Arrays;

/**
 * Which workers were sent which byte blocks, in memory that never grows: a table of sets of eight
 * places each, in which the block that was touched longest ago gives way. For workers that do not
 * say what they hold.
 *
 * <p>Threads: one. Makes no garbage.
 */
final class ByteBlockIndex {

    private static final int WAYS = 8;

    private final long[] keys;
    private final int[] holders;
    private final int[] touched;
    private final int[] generation;
    private final int setMask;
    private final int[] alive;
    private int clock;

    /**
     * @param places blocks times workers that can be known at once, 16 bytes each; rounded up to a
     *     power of two
     * @param mostWorkers workers are {@code 0 .. mostWorkers - 1}, at most 32,768
     */
    ByteBlockIndex(int places, int mostWorkers) {
        int rounded = Integer.highestOneBit(Math.max(WAYS, places) * 2 - 1);
        this.keys = new long[rounded];
        this.holders = new int[rounded];
        this.touched = new int[rounded];
        this.generation = new int[mostWorkers];
        this.alive = new int[mostWorkers];
        this.setMask = rounded / WAYS - 1;
    }

    /** Whatever was sent to this worker is gone. */
    void forget(int worker) {
        generation[worker]++;
    }

    /**
     * How many bytes of the prompt each worker was sent, from the beginning without a gap.
     *
     * @param bytes gets the answer for every worker
     */
    void match(PromptBlocks blocks, long[] bytes) {
        Arrays.fill(bytes, 0);
        int count = 0;
        for (int block = 0; block < blocks.count(); block++) {
            int from = set(blocks.key(block));
            int still =
                    block == 0
                            ? first(from, blocks, bytes)
                            : next(from, block, blocks, bytes, count);
            count = still;
            if (still == 0) {
                return;
            }
        }
    }

    private int first(int from, PromptBlocks blocks, long[] bytes) {
        int count = 0;
        for (int place = from; place < from + WAYS; place++) {
            if (keys[place] == blocks.key(0) && isCurrent(holders[place])) {
                alive[count++] = holders[place] & 0xffff;
                bytes[holders[place] & 0xffff] = blocks.end(0);
            }
        }
        return count;
    }

    private int next(int from, int block, PromptBlocks blocks, long[] bytes, int before) {
        int count = 0;
        for (int i = 0; i < before; i++) {
            int worker = alive[i];
            if (find(from, blocks.key(block), holder(worker)) >= 0) {
                alive[count++] = worker;
                bytes[worker] = blocks.end(block);
            }
        }
        return count;
    }

    /** A worker was sent this prompt. */
    void sent(int worker, PromptBlocks blocks) {
        int holder = holder(worker);
        clock++;
        for (int block = 0; block < blocks.count(); block++) {
            long key = blocks.key(block);
            int from = set(key);
            int place = find(from, key, holder);
            if (place < 0) {
                place = oldest(from);
                keys[place] = key;
                holders[place] = holder;
            }
            touched[place] = clock;
        }
    }

    private int find(int from, long key, int holder) {
        for (int place = from; place < from + WAYS; place++) {
            if (keys[place] == key && holders[place] == holder) {
                return place;
            }
        }
        return -1;
    }

    private int oldest(int from) {
        int oldest = from;
        for (int place = from; place < from + WAYS; place++) {
            if (keys[place] == 0 || !isCurrent(holders[place])) {
                return place;
            }
            if (touched[place] - touched[oldest] < 0) {
                oldest = place;
            }
        }
        return oldest;
    }

    private int set(long key) {
        return (int) (key >>> 20 & setMask) * WAYS;
    }

    private int holder(int worker) {
        return (generation[worker] & 0xffff) << 16 | worker;
    }

    private boolean isCurrent(int holder) {
        int worker = holder & 0xffff;
        return holder == holder(worker);
    }
}
