package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The block ids of one layer group, {@code 0 .. capacity - 1}, with a count of references each.
 *
 * <p>A block is empty, or referenced by at least one table, or idle: referenced by nobody, but what
 * it holds can be found under its hash until the block is allocated for something else. Empty
 * blocks go first, then idle ones, the one that was let go first before all.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class BlockPool {

    /** Instead of a block where none is free. */
    public static final int NONE = -1;

    private final int[] empty;
    private final int[] references;
    private final BlockHash[] hashes;
    private final String[] owners;
    private final Map<BlockHash, Integer> byHash = new HashMap<>();
    private final IdleBlocks idle;
    private int emptyCount;
    private Consumer<BlockHash> evictions = _ -> {};

    public BlockPool(int capacity) {
        empty = new int[capacity];
        references = new int[capacity];
        hashes = new BlockHash[capacity];
        owners = new String[capacity];
        idle = new IdleBlocks(capacity);
        emptyCount = capacity;
        // A stack whose top is block 0: small pools then use few blocks, which caches like.
        for (int i = 0; i < capacity; i++) {
            empty[i] = capacity - 1 - i;
        }
    }

    public int capacity() {
        return references.length;
    }

    /** Blocks that can be allocated: those that nobody references. */
    public int free() {
        return emptyCount + idle.size();
    }

    /** Who hears of hashes that are no longer found because their block was needed. */
    void onEviction(Consumer<BlockHash> listener) {
        evictions = listener;
    }

    /** Takes a free block with one reference, or {@link #NONE}. */
    int allocate() {
        int block;
        if (emptyCount > 0) {
            block = empty[--emptyCount];
        } else if (idle.size() > 0) {
            block = evictOldest();
        } else {
            return NONE;
        }
        references[block] = 1;
        return block;
    }

    private int evictOldest() {
        int block = idle.oldest();
        idle.remove(block);
        BlockHash hash = hashes[block];
        byHash.remove(hash);
        hashes[block] = null;
        evictions.accept(hash);
        return block;
    }

    /** Adds a reference to a block that is in use, or idle. */
    void retain(int block) {
        if (references[block] == 0) {
            if (hashes[block] == null) {
                throw new IllegalStateException("block " + block + " is free and cannot be shared");
            }
            idle.remove(block);
        }
        references[block]++;
    }

    /** Takes a reference back; the last one frees the block. */
    void release(int block) {
        if (references[block] == 0) {
            throw new IllegalStateException("block " + block + " was released twice");
        }
        if (--references[block] > 0) {
            return;
        }
        if (hashes[block] == null) {
            empty[emptyCount++] = block;
        } else {
            idle.addNewest(block);
        }
    }

    /** How many tables hold the block. */
    int references(int block) {
        return references[block];
    }

    /** The block that holds what the hash stands for, or {@link #NONE}. */
    int find(BlockHash hash) {
        Integer block = byHash.get(hash);
        return block == null ? NONE : block;
    }

    /**
     * From now on a block in use, which nobody will write again, is found under its hash.
     *
     * @param owner salt of the tenant whose block it is
     */
    void enter(int block, BlockHash hash, String owner) {
        if (references[block] == 0 || hashes[block] != null) {
            throw new IllegalStateException("block " + block + " is free, or has a hash already");
        }
        if (byHash.putIfAbsent(hash, block) != null) {
            throw new IllegalStateException("two blocks for the hash " + hash);
        }
        hashes[block] = hash;
        owners[block] = owner;
    }

    /** From now on a block that is found is not: it is empty, or will be when it is released. */
    void forget(int block) {
        BlockHash hash = hashes[block];
        byHash.remove(hash);
        hashes[block] = null;
        if (references[block] == 0) {
            idle.remove(block);
            empty[emptyCount++] = block;
        }
        evictions.accept(hash);
    }

    /** What a block is found under; null if it is not. */
    BlockHash hash(int block) {
        return hashes[block];
    }

    /** Salt of the tenant whose block it is; of a block that is found. */
    String owner(int block) {
        return owners[block];
    }

    /** Blocks that are found, in use or idle. */
    int found() {
        return byHash.size();
    }

    /** Blocks that hold nothing that could be found. */
    int empty() {
        return emptyCount;
    }

    /** Shows blocks that can be evicted, those that will be first of all. */
    void leavingNext(int atMost, IntConsumer each) {
        idle.oldest(atMost, each);
    }

    /** An idle block was of use: it is the last one to be evicted now. */
    void touch(int block) {
        if (references[block] == 0) {
            idle.remove(block);
            idle.addNewest(block);
        }
    }

    /**
     * Forgets what idle blocks hold; nobody is told.
     *
     * @throws IllegalStateException if a block is in use
     */
    void clear() {
        if (free() != capacity()) {
            throw new IllegalStateException(capacity() - free() + " blocks are in use");
        }
        while (idle.size() > 0) {
            int block = idle.oldest();
            idle.remove(block);
            hashes[block] = null;
            empty[emptyCount++] = block;
        }
        byHash.clear();
    }

    /** What can be found. */
    Set<BlockHash> known() {
        return Set.copyOf(byHash.keySet());
    }
}
