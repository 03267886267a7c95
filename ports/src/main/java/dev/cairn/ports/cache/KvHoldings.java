package dev.cairn.ports.cache;

import dev.cairn.ports.system.Completion;
import java.util.List;

/**
 * Says what this worker holds, as of a batch that it published: whoever lost batches for good makes
 * his index true by it.
 *
 * <p>Threads: any. No method waits; a completion may come on any thread.
 */
public interface KvHoldings {

    /** Digests of what is held, one per tier. */
    void digests(Completion<Digests> done);

    /**
     * Keys of one range that are held in a tier, in any order.
     *
     * @param range index into {@link HeldDigest#sums}
     */
    void keys(String tier, int range, Completion<Keys> done);

    /**
     * @param sequence of the last batch published, -1 for none
     */
    record Digests(long sequence, List<HeldDigest> tiers) {

        public Digests {
            tiers = List.copyOf(tiers);
        }
    }

    /**
     * @param sequence of the last batch published, -1 for none
     * @param keys 64 bits each
     */
    record Keys(long sequence, String tier, int range, long[] keys) {}
}
