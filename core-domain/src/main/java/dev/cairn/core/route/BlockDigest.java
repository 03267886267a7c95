package dev.cairn.core.route;

import dev.cairn.ports.system.RandomSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Stands for a set of blocks, so that two sides can compare what a worker holds without listing it:
 * a sum per range of keys, that does not depend on the order of changes. Where ranges differ, only
 * their blocks need to be listed.
 *
 * <p>Threads: one at a time.
 */
public final class BlockDigest {

    private static final int RANGE_BITS = 4;

    /** Ranges of keys that are summed apart. */
    public static final int RANGES = 1 << RANGE_BITS;

    /** The sums of no blocks. */
    static final List<Long> NOTHING = Collections.nCopies(RANGES, 0L);

    private final long[] sums = new long[RANGES];
    private long blocks;

    /** A block that was not in the set. */
    public void add(long key) {
        sums[range(key)] += RandomSource.mix(key);
        blocks++;
    }

    /** A block that was in the set. */
    public void remove(long key) {
        sums[range(key)] -= RandomSource.mix(key);
        blocks--;
    }

    public void clear() {
        Arrays.fill(sums, 0);
        blocks = 0;
    }

    /** How many blocks the set has. */
    public long blocks() {
        return blocks;
    }

    /** The sum of one range, {@code 0 .. RANGES - 1}. */
    public long sum(int range) {
        return sums[range];
    }

    /** All sums, as they are told to others. */
    public List<Long> sums() {
        return Arrays.stream(sums).boxed().toList();
    }

    /** The range that a block belongs to. */
    public static int range(long key) {
        return (int) (key >>> Long.SIZE - RANGE_BITS);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlockDigest that
                && blocks == that.blocks
                && Arrays.equals(sums, that.sums);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sums);
    }

    @Override
    public String toString() {
        return blocks + " blocks, " + Arrays.toString(sums);
    }
}
