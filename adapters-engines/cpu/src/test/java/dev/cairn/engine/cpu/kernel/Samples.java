package dev.cairn.engine.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Random operands in off-heap memory, made from a seed that every failure names. */
final class Samples {

    private final SplittableRandom random;
    private final long seed;
    private final Arena arena = Arena.ofAuto();

    Samples(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
    }

    long seed() {
        return seed;
    }

    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    boolean coin() {
        return random.nextBoolean();
    }

    <T> T oneOf(T[] values) {
        return values[random.nextInt(values.length)];
    }

    int oneOf(int... values) {
        return values[random.nextInt(values.length)];
    }

    float[] normal(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    MemorySegment zeros(long bytes) {
        return arena.allocate(Math.max(bytes, 1), 64);
    }

    /**
     * Memory that holds a pattern no kernel would write by chance: what stays of it was not
     * touched.
     */
    MemorySegment untouched(long floats) {
        MemorySegment segment = zeros(floats * 4);
        segment.fill((byte) 0x7b);
        return segment;
    }

    MemorySegment of(float... values) {
        MemorySegment segment = zeros(values.length * 4L);
        MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
        return segment;
    }

    MemorySegment of(int... values) {
        MemorySegment segment = zeros(values.length * 4L);
        MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_INT, 0, values.length);
        return segment;
    }

    /** A permutation of 0 to {@code count - 1}. */
    int[] shuffled(int count) {
        int[] order = new int[count];
        Arrays.setAll(order, i -> i);
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return order;
    }

    /** Columns that a format's rows can have. */
    int columns(WeightFormat format, int most) {
        return format.superBlocks() ? WeightFormat.SUPER_BLOCK * between(1, 3) : between(1, most);
    }

    PackedMatrix matrix(WeightFormat format, int rows, int columns) {
        if (format.superBlocks()) {
            StoredRows source = StoredRows.dense(format, columns, stored(format, rows, columns));
            return MatrixPacker.pack(source, PackedMatrix.allocate(format, rows, columns, arena));
        }
        StoredRows source = StoredRows.dense(WeightFormat.F32, columns, of(normal(rows * columns)));
        return MatrixPacker.pack(source, PackedMatrix.allocate(format, rows, columns, arena));
    }

    /** Rows of random bytes in a format; scales and numbers are finite and of usual size. */
    MemorySegment stored(WeightFormat format, int rows, int columns) {
        MemorySegment stored = zeros(rows * format.storedRowBytes(columns));
        for (long i = 0; i < stored.byteSize(); i++) {
            stored.set(ValueLayout.JAVA_BYTE, i, (byte) between(-128, 127));
        }
        for (long i = 0; i < stored.byteSize(); i += format.blockBytes()) {
            for (long high : highBytes(format)) {
                stored.set(ValueLayout.JAVA_BYTE, i + high, (byte) (0x20 + between(0, 15)));
            }
        }
        return stored;
    }

    /** Where signs and exponents lie in a block. */
    private static long[] highBytes(WeightFormat format) {
        return switch (format) {
            case F32, F16, BF16 -> new long[] {format.blockBytes() - 1};
            case Q8_0, Q4_0, Q5_0 -> new long[] {1};
            case Q4_K, Q5_K -> new long[] {1, 3};
            case Q6_K -> new long[] {209};
        };
    }

    /** Rows of float32 in the form that products of a format want. */
    MemorySegment prepared(
            Kernels kernels, WeightFormat format, MemorySegment input, int tokens, int columns) {
        MemorySegment prepared = zeros(tokens * format.activation().rowBytes(columns));
        kernels.prepare(format.activation(), input, columns, prepared, 0, tokens);
        return prepared;
    }

    static float[] floats(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_FLOAT);
    }

    /**
     * Bit for bit, except that the two zeros are one: adding a zero weight may turn one into the
     * other.
     */
    void assertSame(MemorySegment actual, MemorySegment expected, String what) {
        float[] left = floats(actual);
        float[] right = floats(expected);
        assertThat(left.length).as(what).isEqualTo(right.length);
        for (int i = 0; i < left.length; i++) {
            if (left[i] != right[i]
                    && Float.floatToRawIntBits(left[i]) != Float.floatToRawIntBits(right[i])) {
                assertThat(left[i])
                        .as("%s, element %d, seed %d", what, i, seed)
                        .isEqualTo(right[i]);
            }
        }
    }

    /** Within {@code tolerance} of the largest magnitude of both. */
    void assertClose(MemorySegment actual, double[] expected, double tolerance, String what) {
        float[] values = floats(actual);
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) values[i])
                    .as("%s, element %d, seed %d", what, i, seed)
                    .isCloseTo(
                            expected[i],
                            org.assertj.core.data.Offset.offset(tolerance * scale + 1e-30));
        }
    }
}
