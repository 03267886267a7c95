package dev.cairn.ports.relay;

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
 * wrong worker, where it is computed in full.
 *
 * <p>A pure function that adapters, who have the bytes, and the core, who wants the keys, share.
 * Threads: one; used again and again.
 */
public final class PromptBlocks {

    private static final int FIRST_BLOCK = 256;

    /** Blocks of one size before they grow; a power of two. */
    private static final int OF_ONE_SIZE = 16;

    private static final int MOST_BLOCK = 1 << 16;
    private static final long BEGINNING = 1024;

    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long K0 = 0x9e3779b97f4a7c15L;
    private static final long K1 = 0xbf58476d1ce4e5b9L;

    private long[] keys = new long[128];
    private long[] ends = new long[128];
    private int count;
    private long bytes;
    private List<MemorySegment> parts = List.of();

    /** Blocks, the incomplete last one left out. */
    public int count() {
        return count;
    }

    /** All bytes, those of the incomplete block included. */
    public long bytes() {
        return bytes;
    }

    /** Not 0. */
    public long key(int block) {
        return keys[block];
    }

    /** Bytes from the beginning of the prompt to this block's end. */
    public long end(int block) {
        return ends[block];
    }

    /** As {@link #over(List)}, of bytes in one piece. */
    public PromptBlocks over(byte[] bytes) {
        return over(List.of(MemorySegment.ofArray(bytes)));
    }

    /**
     * Another prompt; it is cut when somebody asks for it.
     *
     * @param parts in the order in which an engine reads them; where one ends, a block does, too,
     *     because what follows is another field. Read during {@link #cut} alone
     */
    public PromptBlocks over(List<MemorySegment> parts) {
        this.parts = parts;
        count = 0;
        bytes = 0;
        for (MemorySegment part : parts) {
            bytes += part.byteSize();
        }
        return this;
    }

    /**
     * Cuts the prompt.
     *
     * @param seed what else two prompts must have in common: the model
     */
    public void cut(long seed) {
        count = 0;
        long chain = mix(seed ^ K1);
        long before = 0;
        for (MemorySegment part : parts) {
            chain = cut(chain, part, before, part.byteSize());
            before += part.byteSize();
        }
    }

    /** Cuts as much as policies look at that know nothing of caches. */
    public void cutBeginning(long seed) {
        count = 0;
        if (!parts.isEmpty()) {
            MemorySegment first = parts.getFirst();
            cut(mix(seed ^ K1), first, 0, Math.min(first.byteSize(), BEGINNING));
        }
    }

    private long cut(long seed, MemorySegment part, long before, long size) {
        long chain = seed;
        long at = 0;
        int block = FIRST_BLOCK;
        int left = OF_ONE_SIZE;
        while (size - at >= block) {
            chain = hash(chain, part, at, block);
            at += block;
            add(chain, before + at);
            if (--left == 0 && block < MOST_BLOCK) {
                block *= 2;
                left = OF_ONE_SIZE / 2;
            }
        }
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
