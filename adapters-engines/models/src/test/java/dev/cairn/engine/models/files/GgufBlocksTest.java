package dev.cairn.engine.models.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.model.EncodedRows;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks of bytes that a rule makes, against what {@code gguf.quants.dequantize} makes of them. */
class GgufBlocksTest {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** float16 of 0.25 and 0.5. */
    private static final int QUARTER = 0x3400;

    private static final int HALF = 0x3800;

    /** The first weight, the last, the sum of all, and the sum of each times its place. */
    @ParameterizedTest
    @CsvSource({
        "Q5_0, 0.25, -1.5, 9.5, 63",
        "Q4_K, 149.75, -10, 13192, 1521340",
        "Q5_K, 369.75, -8.5, 35396, 3961216",
        "Q6_K, 506.25, -106.75, 1800, -120348"
    })
    void decodesAsTheGgufPackageDoes(
            GgufBlocks blocks, float first, float last, double sum, double weightedSum) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[2 * blocks.blockBytes()]);
        for (int i = 0; i < 2 * blocks.blockBytes(); i++) {
            int at = i % blocks.blockBytes();
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (at * at * 7 + at * 31 + 11));
        }
        for (long block : new long[] {0, blocks.blockBytes()}) {
            switch (blocks) {
                case Q5_0 -> bytes.set(SHORT, block, (short) QUARTER);
                case Q4_K, Q5_K -> {
                    bytes.set(SHORT, block, (short) QUARTER);
                    bytes.set(SHORT, block + 2, (short) HALF);
                }
                case Q6_K -> bytes.set(SHORT, block + 208, (short) QUARTER);
            }
        }
        int columns = blocks.blockLength();
        for (int row = 0; row < 2; row++) {
            float[] values = values(blocks.matrix(bytes, 2, columns, RowOrder.STORED), row);
            double found = 0;
            double weighted = 0;
            for (int i = 0; i < columns; i++) {
                found += values[i];
                weighted += (double) values[i] * i;
            }
            assertThat(values[0]).isEqualTo(first);
            assertThat(values[columns - 1]).isEqualTo(last);
            assertThat(found).isEqualTo(sum);
            assertThat(weighted).isEqualTo(weightedSum);
        }
    }

    /** Engines that compute with the blocks get those of the row that the decoded one is of. */
    @ParameterizedTest
    @EnumSource
    void encodedRowsAreTheDecodedOnes(GgufBlocks blocks) {
        int columns = 2 * blocks.blockLength();
        int rowBytes = 2 * blocks.blockBytes();
        MemorySegment bytes = MemorySegment.ofArray(new byte[16 * rowBytes]);
        for (int i = 0; i < bytes.byteSize(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 37 % 251 & 0x7b));
        }
        RowOrder order = new RowOrder.InterleavedPairs(8, 8);
        StoredMatrix matrix = blocks.matrix(bytes, 16, columns, order);
        EncodedRows encoded = matrix.encoded().orElseThrow();
        assertThat(encoded.encoding().name()).isEqualTo(blocks.name());
        for (int row = 0; row < 16; row++) {
            assertThat(encoded.row(row).byteSize()).isEqualTo(rowBytes);
            StoredMatrix alone = blocks.matrix(encoded.row(row), 1, columns, RowOrder.STORED);
            assertThat(values(alone, 0)).isEqualTo(values(matrix, row));
        }
        assertThat(encoded.row(1).mismatch(bytes.asSlice(2L * rowBytes, rowBytes))).isEqualTo(-1);
    }

    static float[] values(StoredMatrix matrix, int row) {
        MemorySegment bytes = matrix.row(row);
        float[] values = new float[matrix.columns()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (matrix.type()) {
                        case FLOAT32 -> bytes.get(FLOAT, 4L * i);
                        case Q8_0 ->
                                Float.float16ToFloat(bytes.get(SHORT, i / 32 * 34L))
                                        * bytes.get(
                                                ValueLayout.JAVA_BYTE, i / 32 * 34L + 2 + i % 32);
                        case Q4_0 -> {
                            int both = bytes.get(ValueLayout.JAVA_BYTE, i / 32 * 18L + 2 + i % 16);
                            yield Float.float16ToFloat(bytes.get(SHORT, i / 32 * 18L))
                                    * ((i % 32 < 16 ? both & 15 : both >> 4 & 15) - 8);
                        }
                        case FLOAT16, BFLOAT16 ->
                                throw new AssertionError("no matrix is decoded into these");
                    };
        }
        assertThat(matrix.kept()).isNotEqualTo(WeightType.FLOAT32);
        return values;
    }
}
