package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Moves one layer of one KV block between a pool and the canonical layout that leaves the process.
 *
 * <p>Canonical, per layer: elements {@code [k, v][token][head][size]}, then, for {@link
 * KvElement#INT8}, float32 scales {@code [k, v][token][head]}: {@code
 * dev.cairn.ports.cache.KvLayout}. Nothing is rounded: a round trip restores every bit.
 *
 * <p>Threads: calls on different blocks or layers may run at the same time.
 */
public final class KvBlocks {

    private KvBlocks() {}

    /** Bytes of one layer of one block in canonical layout. */
    public static long canonicalLayerBytes(KvLayout layout) {
        return 2 * (elementBytes(layout) + (layout.element().scaled() ? scaleBytes(layout) : 0));
    }

    /** Bytes of the elements of the keys, or of the values. */
    private static long elementBytes(KvLayout layout) {
        return (long) layout.blockTokens()
                * layout.kvHeads()
                * layout.headSize()
                * layout.element().bytes();
    }

    /** Bytes of the scales of the keys, or of the values. */
    private static long scaleBytes(KvLayout layout) {
        return layout.blockTokens() * layout.kvHeads() * 4L;
    }

    /**
     * Copies out of the pool.
     *
     * @param layout of the pool
     * @param pool the group's pool
     * @param layer of the group, from 0
     * @param block of the pool
     * @param canonical {@link #canonicalLayerBytes} bytes to fill
     */
    public static void exportLayer(
            KvLayout layout, MemorySegment pool, int layer, int block, MemorySegment canonical) {
        move(true, layout, pool, layer, block, canonical);
    }

    /** Copies into the pool; parameters as in {@link #exportLayer}. */
    public static void importLayer(
            KvLayout layout, MemorySegment pool, int layer, int block, MemorySegment canonical) {
        move(false, layout, pool, layer, block, canonical);
    }

    private static void move(
            boolean out,
            KvLayout layout,
            MemorySegment pool,
            int layer,
            int block,
            MemorySegment canonical) {
        Optional<NativeBlocks> inC = NativeBlocks.get();
        if (inC.isPresent() && pool.isNative() && canonical.isNative()) {
            long start = layout.headOffset(layer, block, 0);
            MemorySegment inPool = pool.asSlice(start, layout.blockLayerBytes());
            inC.get().move(out, layout, inPool, canonical);
        } else {
            moveInJava(out, layout, pool, layer, block, canonical);
        }
    }

    /** Where there is no native library. */
    static void moveInJava(
            boolean out,
            KvLayout layout,
            MemorySegment pool,
            int layer,
            int block,
            MemorySegment canonical) {
        new Transfer(layout, pool, layer, block, canonical, out).run();
    }

    private record Transfer(
            KvLayout layout,
            MemorySegment pool,
            int layer,
            int block,
            MemorySegment canonical,
            boolean out) {

        void run() {
            for (int head = 0; head < layout.kvHeads(); head++) {
                long at = layout.headOffset(layer, block, head);
                for (int token = 0; token < layout.blockTokens(); token += Transpose.SIDE) {
                    keys(head, token, at);
                }
                for (int token = 0; token < layout.blockTokens(); token++) {
                    values(head, token, at + layout.valueOffset());
                    if (layout.element().scaled()) {
                        scale(head, token, at + layout.keyScaleOffset(), 0);
                        scale(head, token, at + layout.valueScaleOffset(), 1);
                    }
                }
            }
        }

        private long place(int head, int token, int half) {
            return half * elementBytes(layout)
                    + ((long) token * layout.kvHeads() + head)
                            * layout.headSize()
                            * layout.element().bytes();
        }

        /** The keys of four tokens: rows outside, columns in the pool. */
        private void keys(int head, int token, long keys) {
            int bytes = layout.element().bytes();
            int size = layout.headSize();
            int tile = token / KvLayout.TILE * KvLayout.TILE;
            long inPool = keys + ((long) tile * size + token - tile) * bytes;
            long column = (long) KvLayout.TILE * bytes;
            long place = place(head, token, 0);
            long row = (long) layout.kvHeads() * size * bytes;
            int squares = size - size % Transpose.SIDE;
            for (int i = 0; i < squares; i += Transpose.SIDE) {
                long outside = place + (long) i * bytes;
                long inside = inPool + i * column;
                if (out) {
                    Transpose.square(bytes, pool, inside, column, canonical, outside, row);
                } else {
                    Transpose.square(bytes, canonical, outside, row, pool, inside, column);
                }
            }
            for (int i = squares; i < size; i++) {
                for (int t = 0; t < Transpose.SIDE; t++) {
                    long inside = inPool + i * column + (long) t * bytes;
                    move(inside, place + t * row + (long) i * bytes, bytes);
                }
            }
        }

        private void values(int head, int token, long values) {
            int bytes = layout.element().bytes();
            long row = values + (long) token * layout.valueRow() * bytes;
            move(row, place(head, token, 1), layout.headSize() * bytes);
        }

        private void scale(int head, int token, long scales, int half) {
            long place =
                    2 * elementBytes(layout)
                            + half * scaleBytes(layout)
                            + ((long) token * layout.kvHeads() + head) * 4;
            move(scales + token * 4L, place, 4);
        }

        private void move(long inPool, long inCanonical, int bytes) {
            MemorySegment from = out ? pool : canonical;
            MemorySegment to = out ? canonical : pool;
            long source = out ? inPool : inCanonical;
            long target = out ? inCanonical : inPool;
            MemorySegment.copy(from, source, to, target, bytes);
        }
    }
}
