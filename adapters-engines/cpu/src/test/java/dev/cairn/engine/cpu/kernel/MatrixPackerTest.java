package dev.cairn.engine.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packing: exact within a format, by ggml's rules between formats. */
class MatrixPackerTest {

    /**
     * Every stored element, decoded here by the format's description, is the packed one bit for
     * bit.
     */
    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void aFormatPackedIntoItselfKeepsEveryElement(WeightFormat format) {
        Samples samples = new Samples(11);
        int rows = 37;
        int columns = format.superBlocks() ? 512 : 96;
        MemorySegment stored = samples.stored(format, rows, columns);
        PackedMatrix packed = pack(samples, format, stored, format, rows, columns);
        float[] row = new float[columns];
        MemorySegment read = samples.zeros(columns * 4L);
        for (int r = 0; r < rows; r++) {
            packed.readRow(r, 1, read);
            MemorySegment.copy(read, ValueLayout.JAVA_FLOAT, 0, row, 0, columns);
            for (int c = 0; c < columns; c++) {
                float expected = stored(format, stored, r, c, columns);
                assertThat(packed.element(r, c)).as("row %d, column %d", r, c).isEqualTo(expected);
                assertThat(row[c]).isEqualTo(expected);
            }
        }
    }

    /** Widening to float32 is what {@code --dtype float32} does with any file: exact as well. */
    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void anyFormatWidensExactly(WeightFormat format) {
        Samples samples = new Samples(12);
        int columns = format.superBlocks() ? 256 : 64;
        MemorySegment stored = samples.stored(format, 20, columns);
        PackedMatrix packed = pack(samples, format, stored, WeightFormat.F32, 20, columns);
        for (int r = 0; r < 20; r++) {
            for (int c = 0; c < columns; c++) {
                assertThat(packed.element(r, c)).isEqualTo(stored(format, stored, r, c, columns));
            }
        }
    }

    @RepeatedTest(10)
    void quantisingIsWithinHalfAStepOfTheBlocksScale(RepetitionInfo repetition) {
        Samples samples = new Samples(repetition.getCurrentRepetition());
        int columns = samples.between(1, 100);
        float[] values = samples.normal(3 * columns);
        MemorySegment stored = samples.of(values);
        PackedMatrix eight = pack(samples, WeightFormat.F32, stored, WeightFormat.Q8_0, 3, columns);
        PackedMatrix four = pack(samples, WeightFormat.F32, stored, WeightFormat.Q4_0, 3, columns);
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < columns; c++) {
                int first = r * columns + c / 32 * 32;
                int last = Math.min(first + 32, (r + 1) * columns);
                float extreme = 0;
                for (float value : Arrays.copyOfRange(values, first, last)) {
                    extreme = Math.abs(value) > Math.abs(extreme) ? value : extreme;
                }
                float value = values[r * columns + c];
                // The scale itself is rounded to float16: a relative 2^-11 of the value on top of
                // half a step.
                double eightBits = Math.abs(extreme) / 127 / 2 + Math.abs(value) / 2048 + 1e-7;
                assertThat(Math.abs(eight.element(r, c) - value))
                        .as("seed %d", samples.seed())
                        .isLessThanOrEqualTo((float) eightBits);
                // Four bits reach from -8 to 7 steps: the far end of the other sign loses up to a
                // whole one.
                double fourBits = Math.abs(extreme) / 8 + Math.abs(value) / 2048 + 1e-7;
                assertThat(Math.abs(four.element(r, c) - value))
                        .as("seed %d", samples.seed())
                        .isLessThanOrEqualTo((float) fourBits);
            }
        }
    }

    /** Worked by hand from ggml's quantize_row_q8_0_ref and quantize_row_q4_0_ref. */
    @Test
    void quantisingFollowsTheReferenceToTheElement() {
        Samples samples = new Samples(1);
        float[] row = new float[32];
        row[0] = -8;
        row[1] = 127;
        row[2] = 2.5f;
        row[3] = -2.5f;
        row[4] = 0.4f;
        PackedMatrix eight =
                pack(samples, WeightFormat.F32, samples.of(row), WeightFormat.Q8_0, 1, 32);
        // Scale 1; halves go away from zero.
        assertThat(elements(eight, 5)).containsExactly(-8, 127, 3, -3, 0);
        row = new float[32];
        row[0] = -16;
        row[1] = 14;
        row[2] = 16;
        row[3] = 1;
        row[4] = -1;
        PackedMatrix four =
                pack(samples, WeightFormat.F32, samples.of(row), WeightFormat.Q4_0, 1, 32);
        // The first extreme is -16, so the scale is 2: steps -8, 7, 7 (8 is cut), 0.5 and -0.5 plus
        // 8.5 cut down.
        assertThat(elements(four, 5)).containsExactly(-16, 14, 14, 2, 0);
    }

    @Test
    void numbersThatCannotBeQuantisedAreRefused() {
        Samples samples = new Samples(1);
        MemorySegment stored = samples.of(1, 2, Float.NaN, 4);
        assertThatThrownBy(() -> pack(samples, WeightFormat.F32, stored, WeightFormat.Q8_0, 1, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 0, column 2 is NaN and cannot be quantised");
    }

    @Test
    void rangesOfPanelsTogetherPackTheWhole() {
        Samples samples = new Samples(5);
        MemorySegment stored = samples.stored(WeightFormat.Q4_0, 50, 64);
        StoredRows source = StoredRows.dense(WeightFormat.Q4_0, 64, stored);
        PackedMatrix whole = pack(samples, WeightFormat.Q4_0, stored, WeightFormat.Q4_0, 50, 64);
        long bytes = PackedMatrix.packedBytes(WeightFormat.Q4_0, 50, 64);
        PackedMatrix parts = new PackedMatrix(WeightFormat.Q4_0, 50, 64, samples.zeros(bytes));
        MatrixPacker.pack(source, parts, 2, 4);
        MatrixPacker.pack(source, parts, 0, 2);
        assertThat(parts.data().mismatch(whole.data())).isEqualTo(-1);
    }

    private static PackedMatrix pack(
            Samples samples,
            WeightFormat from,
            MemorySegment stored,
            WeightFormat to,
            int rows,
            int columns) {
        long bytes = PackedMatrix.packedBytes(to, rows, columns);
        PackedMatrix target = new PackedMatrix(to, rows, columns, samples.zeros(bytes));
        return MatrixPacker.pack(StoredRows.dense(from, columns, stored), target);
    }

    private static Integer[] elements(PackedMatrix matrix, int count) {
        Integer[] values = new Integer[count];
        Arrays.setAll(values, i -> (int) matrix.element(0, i));
        return values;
    }

    private static float stored(
            WeightFormat format, MemorySegment data, int row, int column, int columns) {
        long base = row * format.storedRowBytes(columns);
        int within = column % format.blockColumns();
        long block = base + (column / format.blockColumns()) * (long) format.blockBytes();
        return switch (format) {
            case F32 -> data.get(PlainMemory.FLOAT, base + column * 4L);
            case F16 -> half(data, base + column * 2L);
            case BF16 ->
                    Float.intBitsToFloat(data.get(PlainMemory.SHORT, base + column * 2L) << 16);
            case Q8_0 -> half(data, block) * (byte) octet(data, block + 2 + within);
            case Q4_0 -> half(data, block) * (nibble(data, block + 2, within, 16) - 8);
            case Q5_0 -> {
                int fifth = octet(data, block + 2 + within / 8) >> within % 8 & 1;
                yield half(data, block) * (nibble(data, block + 6, within, 16) + 16 * fifth - 16);
            }
            case Q4_K -> {
                int four = nibble(data, block + 16, within % 64, 32, within);
                yield withMinimum(data, block, within, four);
            }
            case Q5_K -> {
                int fifth = octet(data, block + 16 + within % 32) >> within / 32 & 1;
                int four = nibble(data, block + 48, within % 64, 32, within);
                yield withMinimum(data, block, within, four + 16 * fifth);
            }
            case Q6_K -> {
                // As dequantize_row_q6_K counts: halves of 128, in them quarters of 32.
                int half = within / 128;
                int quarter = within % 128 / 32;
                int l = within % 32;
                int low = octet(data, block + 64 * half + 32 * (quarter % 2) + l);
                int high = octet(data, block + 128 + 32 * half + l);
                int q = (quarter < 2 ? low % 16 : low / 16) | (high >> 2 * quarter & 3) << 4;
                int scale = (byte) octet(data, block + 192 + 8 * half + l / 16 + 2 * quarter);
                yield half(data, block + 208) * scale * (q - 32);
            }
        };
    }

    /** ggml's get_scale_min_k4. */
    private static float withMinimum(MemorySegment data, long block, int within, int quant) {
        int j = within / 32;
        long packed = block + 4;
        int scale;
        int minimum;
        if (j < 4) {
            scale = octet(data, packed + j) & 63;
            minimum = octet(data, packed + j + 4) & 63;
        } else {
            int last = octet(data, packed + j + 4);
            scale = last % 16 | octet(data, packed + j - 4) >> 6 << 4;
            minimum = last / 16 | octet(data, packed + j) >> 6 << 4;
        }
        return half(data, block) * scale * quant - half(data, block + 2) * minimum;
    }

    private static int nibble(MemorySegment data, long from, int within, int width) {
        int both = octet(data, from + within % width);
        return within < width ? both % 16 : both / 16;
    }

    private static int nibble(MemorySegment data, long from, int within, int width, int column) {
        return nibble(data, from + column / 64 * 32, within, width);
    }

    private static float half(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(PlainMemory.SHORT, at));
    }

    private static int octet(MemorySegment data, long at) {
        return data.get(ValueLayout.JAVA_BYTE, at) & 255;
    }
}
