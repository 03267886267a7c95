package dev.cairn.core.relay;

import dev.cairn.ports.system.RandomSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A prompt's bytes cut into blocks, each with a key that stands for it and everything before it.
 * Blocks grow with their distance from the beginning: a megabyte of text has about a hundred, and a
 * match is still known to within a sixteenth or so. Where a cut is depends on the position alone,
 * so equal prefixes have equal keys.
 *
 * <p>Keys are for finding, not for trust: who makes two prompts of one key sends one of them to the
 * wrong worker, where it is computed in full. Threads: one; used again and again.
 */
final class ByteBlocks {

    private static final int FIRST_BLOCK = 256;

    /** Blocks of one size before they grow; a power of two. */
    private static final int OF_ONE_SIZE = 16;

    private static final int MOST_BLOCK = 1 << 16;

    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long K0 = 0x9e3779b97f4a7c15L;
    private static final long K1 = 0xbf58476d1ce4e5b9L;

    private long[] keys = new long[128];
    private long[] ends = new long[128];
    private int count;
    private long bytes;

    /** Blocks, the incomplete last one left out. */
    int count() {
        return count;
    }

    /** All bytes, those of the incomplete block included. */
    long bytes() {
        return bytes;
    }

    /** Not 0. */
    long key(int block) {
        return keys[block];
    }

    /** Bytes from the beginning of the prompt to this block's end. */
    long end(int block) {
        return ends[block];
    }

    /**
     * @param seed what else two prompts must have in common: the model
     * @param parts the prompt; where one ends, a block does, too, because what follows is another
     *     field
     */
    void read(long seed, List<MemorySegment> parts) {
        count = 0;
        bytes = 0;
        long chain = mix(seed ^ K1);
        for (MemorySegment part : parts) {
            chain = read(chain, part);
        }
    }

    private long read(long before, MemorySegment part) {
        long chain = before;
        long size = part.byteSize();
        long at = 0;
        int block = FIRST_BLOCK;
        int left = OF_ONE_SIZE;
        while (size - at >= block) {
            chain = hash(chain, part, at, block);
            at += block;
            add(chain, bytes + at);
            if (--left == 0 && block < MOST_BLOCK) {
                block *= 2;
                left = OF_ONE_SIZE / 2;
            }
        }
        bytes += size;
        return chain;
    }

    private void add(long chain, long end) {
        if (count == keys.length) {
            keys = Arrays.copyOf(keys, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        keys[count] = chain == 0 ? 1 : chain;
        ends[count++] = end;
    }

    /** Four lanes, so that the multiplications overlap. Sizes are multiples of 32. */
    private static long hash(long chain, MemorySegment part, long from, int size) {
        long a = chain;
        long b = chain ^ K0;
        long c = Long.rotateLeft(chain, 32);
        long d = ~chain;
        for (int i = 0; i < size; i += 32) {
            long at = from + i;
            a = (Long.rotateLeft(a, 29) ^ part.get(LONG, at)) * K0;
            b = (Long.rotateLeft(b, 29) ^ part.get(LONG, at + 8)) * K1;
            c = (Long.rotateLeft(c, 29) ^ part.get(LONG, at + 16)) * K0;
            d = (Long.rotateLeft(d, 29) ^ part.get(LONG, at + 24)) * K1;
        }
        return mix(mix(a + Long.rotateLeft(b, 17)) ^ mix(c - Long.rotateLeft(d, 41)) + chain);
    }

    private static long mix(long value) {
        return RandomSource.mix(value);
    }
}
