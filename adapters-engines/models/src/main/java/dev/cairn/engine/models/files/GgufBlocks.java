package dev.cairn.engine.models.files;

import dev.cairn.ports.model.BlockEncoding;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * Encodings of GGUF that are no {@link WeightType}: for engines that do not compute with them their
 * blocks become 32 weights of Q8_0 where that is exact, else float32.
 *
 * <p>Source: ggml's block structures (ggml-common.h) and {@code dequantize_row_*} (ggml-quants.c).
 * All numbers are little-endian; d and dmin are float16.
 */
enum GgufBlocks {
    /** 32 weights: d, 32 high bits, 16 bytes of nibbles as in Q4_0; weight = d * (q - 16). */
    Q5_0(BlockEncoding.Q5_0) {
        @Override
        void decode(MemorySegment from, long block, MemorySegment to, long weight) {
            long out = weight / 32 * WeightType.Q8_0.blockBytes();
            int high = from.get(INT, block + 2);
            to.set(SHORT, out, from.get(SHORT, block));
            for (int i = 0; i < 16; i++) {
                int both = from.get(BYTE, block + 6 + i);
                int low = both & 15 | (high >>> i & 1) << 4;
                int second = both >>> 4 & 15 | (high >>> i + 16 & 1) << 4;
                to.set(BYTE, out + 2 + i, (byte) (low - 16));
                to.set(BYTE, out + 18 + i, (byte) (second - 16));
            }
        }
    },
    /**
     * 256 weights: d, dmin, 12 bytes of scales and minima of 6 bits, 128 bytes of nibbles; weight =
     * d * scale * q - dmin * minimum, both per 32.
     */
    Q4_K(BlockEncoding.Q4_K) {
        @Override
        void decode(MemorySegment from, long block, MemorySegment to, long weight) {
            for (int part = 0; part < 8; part++) {
                float scale = half(from, block) * scale(from, block + 4, part);
                float minimum = half(from, block + 2) * minimum(from, block + 4, part);
                long quants = block + 16 + part / 2 * 32L;
                int shift = part % 2 * 4;
                for (int i = 0; i < 32; i++) {
                    int q = from.get(BYTE, quants + i) >>> shift & 15;
                    to.set(FLOAT, 4 * (weight + part * 32L + i), scale * q - minimum);
                }
            }
        }
    },
    /** As Q4_K, with 32 bytes of fifth bits before the nibbles. */
    Q5_K(BlockEncoding.Q5_K) {
        @Override
        void decode(MemorySegment from, long block, MemorySegment to, long weight) {
            for (int part = 0; part < 8; part++) {
                float scale = half(from, block) * scale(from, block + 4, part);
                float minimum = half(from, block + 2) * minimum(from, block + 4, part);
                long quants = block + 48 + part / 2 * 32L;
                int shift = part % 2 * 4;
                for (int i = 0; i < 32; i++) {
                    int fifth = from.get(BYTE, block + 16 + i) >>> part & 1;
                    int q = from.get(BYTE, quants + i) >>> shift & 15 | fifth << 4;
                    to.set(FLOAT, 4 * (weight + part * 32L + i), scale * q - minimum);
                }
            }
        }
    },
    /**
     * 256 weights: 128 bytes of low nibbles, 64 of high bits in twos, 16 signed scales, d; weight =
     * d * scale * (q - 32), a scale per 16.
     */
    Q6_K(BlockEncoding.Q6_K) {
        @Override
        void decode(MemorySegment from, long block, MemorySegment to, long weight) {
            float d = half(from, block + 208);
            for (int i = 0; i < 256; i++) {
                int half = i / 128;
                int within = i % 128;
                int nibbles = from.get(BYTE, block + half * 64L + within % 64);
                int pairs = from.get(BYTE, block + 128 + half * 32L + within % 32);
                int low = nibbles >>> within / 64 * 4 & 15;
                int high = pairs >>> within / 32 * 2 & 3;
                float scale = d * from.get(BYTE, block + 192 + i / 16);
                to.set(FLOAT, 4 * (weight + i), scale * ((low | high << 4) - 32));
            }
        }
    };

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final BlockEncoding encoding;
    private final int blockLength;
    private final int blockBytes;

    GgufBlocks(BlockEncoding encoding) {
        this.encoding = encoding;
        blockLength = encoding.blockLength();
        blockBytes = encoding.blockBytes();
    }

    /** The encoding of that name, if it is one of these. */
    static Optional<GgufBlocks> of(String encoding) {
        return Arrays.stream(values()).filter(each -> each.name().equals(encoding)).findFirst();
    }

    /** Weights per block. */
    int blockLength() {
        return blockLength;
    }

    int blockBytes() {
        return blockBytes;
    }

    /**
     * Decodes one block.
     *
     * @param block its first byte
     * @param to the row that it belongs to
     * @param weight index of its first weight in that row
     */
    abstract void decode(MemorySegment from, long block, MemorySegment to, long weight);

    /** A matrix over rows of these blocks. */
    StoredMatrix matrix(MemorySegment bytes, int rows, int columns, RowOrder order) {
        long rowBytes = (long) columns / blockLength * blockBytes;
        DecodedMatrix decoded =
                new DecodedMatrix(
                        this == Q5_0 ? WeightType.Q8_0 : WeightType.FLOAT32,
                        WeightType.Q8_0,
                        rows,
                        columns,
                        (row, target) -> {
                            long block = row * rowBytes;
                            for (int weight = 0; weight < columns; weight += blockLength) {
                                decode(bytes, block, target, weight);
                                block += blockBytes;
                            }
                        });
        return new BlockMatrix(decoded.ordered(order), encoding, bytes, order);
    }

    private static float half(MemorySegment from, long at) {
        return Float.float16ToFloat(from.get(SHORT, at));
    }

    /** Six bits: of the first four parts in one piece, of the others in two. */
    private static int scale(MemorySegment from, long packed, int part) {
        if (part < 4) {
            return from.get(BYTE, packed + part) & 63;
        }
        return from.get(BYTE, packed + part + 4) & 15
                | (from.get(BYTE, packed + part - 4) >>> 6 & 3) << 4;
    }

    private static int minimum(MemorySegment from, long packed, int part) {
        if (part < 4) {
            return from.get(BYTE, packed + part + 4) & 63;
        }
        return from.get(BYTE, packed + part + 4) >>> 4 & 15
                | (from.get(BYTE, packed + part) >>> 6 & 3) << 4;
    }
}
