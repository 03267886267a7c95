package dev.cairn.core.block;

import java.util.function.IntConsumer;

/**
 * Blocks that nobody references but that still hold something good, in the order in which they were
 * let go: a doubly linked list in two arrays. Threads: one mailbox owns it.
 */
final class IdleBlocks {

    private final int[] older;
    private final int[] newer;

    /** Both ends of the list meet here. */
    private final int end;

    private int size;

    IdleBlocks(int capacity) {
        older = new int[capacity + 1];
        newer = new int[capacity + 1];
        end = capacity;
        older[end] = end;
        newer[end] = end;
    }

    int size() {
        return size;
    }

    /** The block that was let go first; there is one. */
    int oldest() {
        return newer[end];
    }

    /** Shows those that were let go first, at most so many. */
    void oldest(int atMost, IntConsumer each) {
        int block = newer[end];
        for (int i = 0; i < atMost && block != end; i++) {
            each.accept(block);
            block = newer[block];
        }
    }

    void addNewest(int block) {
        int before = older[end];
        older[block] = before;
        newer[block] = end;
        newer[before] = block;
        older[end] = block;
        size++;
    }

    void remove(int block) {
        newer[older[block]] = newer[block];
        older[newer[block]] = older[block];
        size--;
    }
}
