package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import java.util.Arrays;

/**
 * The hashes of one sequence's full blocks, one chain for each block size that the layer groups
 * have. They are made once, as the sequence grows.
 *
 * <p>Threads: one mailbox owns it, and the hasher with it.
 */
public final class PrefixHashes {

    private static final BlockHash[] EMPTY = {};

    private final BlockHasher hasher;
    private final int[] sizes;
    private final String salt;
    private final BlockHash[][] chains;
    private final int[] lengths;

    /**
     * @param sizes distinct block sizes in tokens, one per chain
     * @param salt of the tenant; empty = none
     */
    PrefixHashes(BlockHasher hasher, int[] sizes, String salt) {
        this.hasher = hasher;
        this.sizes = sizes;
        this.salt = salt;
        this.chains = new BlockHash[sizes.length][];
        Arrays.fill(chains, EMPTY);
        this.lengths = new int[sizes.length];
    }

    /** Hashes what is full now. */
    public void extendTo(int[] tokens, int length) {
        for (int chain = 0; chain < sizes.length; chain++) {
            int size = sizes[chain];
            int full = length / size;
            if (chains[chain].length < full) {
                chains[chain] =
                        Arrays.copyOf(chains[chain], Math.max(full, lengths[chain] * 5 / 4 + 4));
            }
            for (int i = lengths[chain]; i < full; i++) {
                chains[chain][i] =
                        i == 0
                                ? hasher.first(tokens, 0, size, salt)
                                : hasher.next(chains[chain][i - 1], tokens, i * size, size);
            }
            lengths[chain] = Math.max(lengths[chain], full);
        }
    }

    /** Hashes for a sequence that has the first {@code tokens} tokens in common with this one. */
    public PrefixHashes fork(int tokens) {
        PrefixHashes forked = new PrefixHashes(hasher, sizes, salt);
        for (int chain = 0; chain < sizes.length; chain++) {
            forked.lengths[chain] = Math.min(lengths[chain], tokens / sizes[chain]);
            forked.chains[chain] = Arrays.copyOf(chains[chain], forked.lengths[chain]);
        }
        return forked;
    }

    /** Tokens in full blocks that this and another sequence begin with, as far as both hashed. */
    public int common(PrefixHashes other) {
        int common = 0;
        for (int chain = 0; chain < sizes.length; chain++) {
            common = Math.max(common, commonBlocks(other, chain) * sizes[chain]);
        }
        return common;
    }

    private int commonBlocks(PrefixHashes other, int chain) {
        int low = 0;
        int high = Math.min(lengths[chain], other.lengths[chain]);
        // A hash stands for all before it: equal at one block is equal at every block before.
        while (low < high) {
            int middle = low == 0 ? 1 : (low + high + 1) >>> 1;
            if (chains[chain][middle - 1].equals(other.chains[chain][middle - 1])) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Of the tenant; empty = none. */
    public String salt() {
        return salt;
    }

    int blocks(int chain) {
        return lengths[chain];
    }

    BlockHash at(int chain, int block) {
        return chains[chain][block];
    }
}
