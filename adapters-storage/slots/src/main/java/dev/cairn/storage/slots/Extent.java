package dev.cairn.storage.slots;

import dev.cairn.ports.cache.BlockHash;

/** What is known of the slots of one extent, field by field, so that nothing is made per block. */
final class Extent {

    static final byte FREE = 0;
    static final byte WRITING = 1;
    static final byte READY = 2;

    /** Forgotten while somebody still reads it. */
    static final byte DOOMED = 3;

    /** Free, but the device has no room for it. */
    static final byte WITHDRAWN = 4;

    final int index;
    final SizeClass sizeClass;
    final int count;
    final long[] hash;
    final int[] family;
    final int[] tenant;
    final int[] previous;
    final int[] next;
    final int[] tenantPrevious;
    final int[] tenantNext;
    final byte[] state;
    final byte[] list;
    final byte[] frequency;
    final boolean[] pinned;
    final boolean[] written;
    final boolean[] held;
    final int[] readers;
    final int[] generation;
    final long[] heldUntil;
    final long[] touched;
    final long[] storedAt;
    final long[] sequence;
    final int[] checksums;

    /** When any of its slots was used last, in uses of the table. */
    long lastTouch;

    Extent(int index, SizeClass sizeClass, int count) {
        this.index = index;
        this.sizeClass = sizeClass;
        this.count = count;
        hash = new long[4 * count];
        family = new int[count];
        tenant = new int[count];
        previous = new int[count];
        next = new int[count];
        tenantPrevious = new int[count];
        tenantNext = new int[count];
        state = new byte[count];
        list = new byte[count];
        frequency = new byte[count];
        pinned = new boolean[count];
        written = new boolean[count];
        held = new boolean[count];
        readers = new int[count];
        generation = new int[count];
        heldUntil = new long[count];
        touched = new long[count];
        storedAt = new long[count];
        sequence = new long[count];
        checksums = new int[count * sizeClass.layers()];
    }

    /** Says what comes into a slot: a block that nobody reads, holds or has pinned yet. */
    void describe(int place, int ofFamily, BlockHash ofHash, int owner, int[] sliceChecksums) {
        family[place] = ofFamily;
        hash[4 * place] = ofHash.a();
        hash[4 * place + 1] = ofHash.b();
        hash[4 * place + 2] = ofHash.c();
        hash[4 * place + 3] = ofHash.d();
        tenant[place] = owner;
        pinned[place] = false;
        held[place] = false;
        readers[place] = 0;
        generation[place]++;
        int layers = sizeClass.layers();
        System.arraycopy(sliceChecksums, 0, checksums, place * layers, layers);
    }

    /** Makes an object. */
    BlockHash hash(int place) {
        return new BlockHash(
                hash[4 * place], hash[4 * place + 1], hash[4 * place + 2], hash[4 * place + 3]);
    }
}
