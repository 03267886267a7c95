package dev.cairn.core.block;

/**
 * The block ids of one layer group, {@code 0 .. capacity - 1}, with a count of references each.
 *
 * <p>A block is free, or referenced by at least one table. A prefix cache keeps blocks that nobody
 * references but whose content is still good; it takes its place between {@link #release} and the
 * free list.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class BlockPool {

    /** Instead of a block where none is free. */
    public static final int NONE = -1;

    private final int[] free;
    private final int[] references;
    private int freeCount;

    public BlockPool(int capacity) {
        free = new int[capacity];
        references = new int[capacity];
        freeCount = capacity;
        // A stack whose top is block 0: small pools then use few blocks, which caches like.
        for (int i = 0; i < capacity; i++) {
            free[i] = capacity - 1 - i;
        }
    }

    public int capacity() {
        return references.length;
    }

    public int free() {
        return freeCount;
    }

    /** Takes a free block with one reference, or {@link #NONE}. */
    int allocate() {
        if (freeCount == 0) {
            return NONE;
        }
        int block = free[--freeCount];
        references[block] = 1;
        return block;
    }

    /** Adds a reference to a block in use. */
    void retain(int block) {
        if (references[block] == 0) {
            throw new IllegalStateException("block " + block + " is free and cannot be shared");
        }
        references[block]++;
    }

    /** Takes a reference back; the last one frees the block. */
    void release(int block) {
        if (references[block] == 0) {
            throw new IllegalStateException("block " + block + " was released twice");
        }
        if (--references[block] == 0) {
            free[freeCount++] = block;
        }
    }

    /** How many tables hold the block. */
    int references(int block) {
        return references[block];
    }
}
