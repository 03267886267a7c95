package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.system.RandomSource;

/**
 * The sums by which two members see where their ideas of one member's blocks differ: 4096 buckets
 * by the top 12 bits of a digest, in 64 groups. A sum is that of its entries' 64-bit hashes, so
 * that an entry is added and taken away without looking at the others.
 *
 * <p>Threads: one, or under the owner's lock.
 */
final class Buckets {

    static final int BITS = 12;
    static final int COUNT = 1 << BITS;
    static final int GROUPS = 64;
    static final int PER_GROUP = COUNT / GROUPS;

    private final long[] buckets = new long[COUNT];
    private final long[] groups = new long[GROUPS];

    static int of(long high) {
        return (int) (high >>> (Long.SIZE - BITS));
    }

    /**
     * @param tier {@link TierNames#hash} of the tier
     */
    void add(long high, long low, long tier) {
        change(high, hash(high, low, tier));
    }

    void remove(long high, long low, long tier) {
        change(high, -hash(high, low, tier));
    }

    private void change(long high, long amount) {
        int bucket = of(high);
        buckets[bucket] += amount;
        groups[bucket / PER_GROUP] += amount;
    }

    private static long hash(long high, long low, long tier) {
        return RandomSource.mix(high ^ RandomSource.mix(low ^ tier));
    }

    /** Sums of the groups; a copy. */
    long[] groups() {
        return groups.clone();
    }

    /** Sums of the buckets of one group, [{@value #PER_GROUP}]; a copy. */
    long[] group(int group) {
        long[] sums = new long[PER_GROUP];
        System.arraycopy(buckets, group * PER_GROUP, sums, 0, PER_GROUP);
        return sums;
    }

    long group(int group, int within) {
        return buckets[group * PER_GROUP + within];
    }

    /** The groups in which the other sums differ, a bit each. */
    long differing(long[] others) {
        long differing = 0;
        for (int group = 0; group < GROUPS; group++) {
            if (groups[group] != others[group]) {
                differing |= 1L << group;
            }
        }
        return differing;
    }
}
