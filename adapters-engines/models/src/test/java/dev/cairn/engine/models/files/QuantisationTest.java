package dev.cairn.engine.models.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Matrices of random codes, written as each format's own packer lays them out, come back as the
 * products that they stand for. The same layouts were compared with folders that PyTorch packed.
 */
class QuantisationTest {

    private static final int ROWS = 16;
    private static final int COLUMNS = 64;
    private static final int GROUP = 32;
    private static final int GROUPS = COLUMNS / GROUP;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final TensorDirectory tensors = new TensorDirectory("test", "config.json");
    private final int[][] codes = new int[ROWS][COLUMNS];
    private final int[][] zeros = new int[ROWS][GROUPS];
    private final float[][] scales = new float[ROWS][GROUPS];
    private final int[] groupOf = IntStream.range(0, COLUMNS).map(i -> i / GROUP).toArray();

    QuantisationTest() {
        System.out.println("QuantisationTest seed " + seed);
        for (int row = 0; row < ROWS; row++) {
            codes[row] = random.ints(COLUMNS, 0, 16).toArray();
            zeros[row] = random.ints(GROUPS, 1, 16).toArray();
            for (int group = 0; group < GROUPS; group++) {
                scales[row][group] = (1 + random.nextInt(100)) / 1024f;
            }
        }
    }

    private Quantisation of(String json) {
        return Quantisation.read(
                new ConfigObject(
                        "config.json",
                        (JsonObject) JsonReader.read("{\"quantization_config\":" + json + "}")),
                tensors);
    }

    private void words(String name, int[] words, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(words).forEach(bytes::putInt);
        add(name, "I32", bytes.array(), shape);
    }

    private void floats(String name, float[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        add(name, "F32", bytes.array(), shape);
    }

    private void add(String name, String encoding, byte[] bytes, long... shape) {
        tensors.add(
                new Tensor(
                        "test",
                        name,
                        encoding,
                        encoding.equals("F32") ? Optional.of(WeightType.FLOAT32) : Optional.empty(),
                        LongStream.of(shape).boxed().toList(),
                        MemorySegment.ofArray(bytes)));
    }

    /** Eight integers of four bits in a word, the first lowest. */
    private static int word(int... eight) {
        int word = 0;
        for (int i = 0; i < 8; i++) {
            word |= eight[i] << 4 * i;
        }
        return word;
    }

    private float[] scalesByGroup() {
        float[] flat = new float[GROUPS * ROWS];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = scales[i % ROWS][i / ROWS];
        }
        return flat;
    }

    private void gptq(int zeroOffset) {
        int[] packed = new int[COLUMNS / 8 * ROWS];
        for (int i = 0; i < packed.length; i++) {
            int row = i % ROWS;
            int first = i / ROWS * 8;
            packed[i] = word(Arrays.copyOfRange(codes[row], first, first + 8));
        }
        words("m.qweight", packed, COLUMNS / 8, ROWS);
        int[] packedZeros = new int[GROUPS * ROWS / 8];
        for (int i = 0; i < packedZeros.length; i++) {
            int group = i / (ROWS / 8);
            int first = i % (ROWS / 8) * 8;
            packedZeros[i] =
                    word(
                            IntStream.range(first, first + 8)
                                    .map(row -> zeros[row][group] - zeroOffset)
                                    .toArray());
        }
        words("m.qzeros", packedZeros, GROUPS, ROWS / 8);
        floats("m.scales", scalesByGroup(), GROUPS, ROWS);
    }

    private void assertProducts(DecodedMatrix matrix) {
        for (int row = 0; row < ROWS; row++) {
            float[] found = GgufBlocksTest.values(matrix, row);
            for (int column = 0; column < COLUMNS; column++) {
                int group = groupOf[column];
                float wanted = scales[row][group] * (codes[row][column] - zeros[row][group]);
                assertThat(found[column]).as("[%d, %d]", row, column).isEqualTo(wanted);
            }
        }
    }

    @Test
    void gptqWithZeroPointsKeepsItsCodes() {
        gptq(1);
        DecodedMatrix matrix =
                of("{\"quant_method\":\"gptq\"}").find("m.weight", ROWS, COLUMNS).orElseThrow();
        assertThat(matrix.type()).isEqualTo(WeightType.Q8_0);
        assertProducts(matrix);
    }

    @Test
    void symmetricGptqIsQ4() {
        for (int[] row : zeros) {
            Arrays.fill(row, 8);
        }
        gptq(0);
        DecodedMatrix matrix =
                of("{\"quant_method\":\"gptq\",\"checkpoint_format\":\"gptq_v2\"}")
                        .find("m.weight", ROWS, COLUMNS)
                        .orElseThrow();
        assertThat(matrix.type()).isEqualTo(WeightType.Q4_0);
        assertProducts(matrix);
    }

    @Test
    void activationOrderScattersTheGroups() {
        for (int i = COLUMNS - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = groupOf[i];
            groupOf[i] = groupOf[other];
            groupOf[other] = kept;
        }
        gptq(1);
        words("m.g_idx", groupOf, COLUMNS);
        DecodedMatrix matrix =
                of("{\"quant_method\":\"gptq\"}").find("m.weight", ROWS, COLUMNS).orElseThrow();
        assertThat(matrix.type()).isEqualTo(WeightType.FLOAT32);
        assertThat(matrix.kept()).isEqualTo(WeightType.Q8_0);
        assertProducts(matrix);
    }

    @Test
    void groupsThatAreNotThereAreRefused() {
        gptq(1);
        int[] wild = groupOf.clone();
        wild[5] = GROUPS;
        words("m.g_idx", wild, COLUMNS);
        assertThatThrownBy(() -> of("{\"quant_method\":\"gptq\"}").find("m.weight", ROWS, COLUMNS))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("m.g_idx puts input 5 in group 2 of 2");
    }

    @Test
    void awqHasAnOrderOfItsOwn() {
        int[] order = {0, 2, 4, 6, 1, 3, 5, 7};
        int[] packed = new int[COLUMNS * ROWS / 8];
        for (int i = 0; i < packed.length; i++) {
            int column = i / (ROWS / 8);
            int first = i % (ROWS / 8) * 8;
            packed[i] = word(Arrays.stream(order).map(o -> codes[first + o][column]).toArray());
        }
        words("m.qweight", packed, COLUMNS, ROWS / 8);
        int[] packedZeros = new int[GROUPS * ROWS / 8];
        for (int i = 0; i < packedZeros.length; i++) {
            int group = i / (ROWS / 8);
            int first = i % (ROWS / 8) * 8;
            packedZeros[i] = word(Arrays.stream(order).map(o -> zeros[first + o][group]).toArray());
        }
        words("m.qzeros", packedZeros, GROUPS, ROWS / 8);
        floats("m.scales", scalesByGroup(), GROUPS, ROWS);
        assertProducts(
                of("{\"quant_method\":\"awq\"}").find("m.weight", ROWS, COLUMNS).orElseThrow());
    }

    @Test
    void compressedTensorsPackAlongTheInputs() {
        int[] packed = new int[ROWS * COLUMNS / 8];
        for (int i = 0; i < packed.length; i++) {
            int first = i % (COLUMNS / 8) * 8;
            packed[i] = word(Arrays.copyOfRange(codes[i / (COLUMNS / 8)], first, first + 8));
        }
        words("m.weight_packed", packed, ROWS, COLUMNS / 8);
        int[] packedZeros = new int[ROWS / 8 * GROUPS];
        for (int i = 0; i < packedZeros.length; i++) {
            int group = i % GROUPS;
            int first = i / GROUPS * 8;
            packedZeros[i] =
                    word(IntStream.range(first, first + 8).map(row -> zeros[row][group]).toArray());
        }
        words("m.weight_zero_point", packedZeros, ROWS / 8, GROUPS);
        float[] flat = new float[ROWS * GROUPS];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = scales[i / GROUPS][i % GROUPS];
        }
        floats("m.weight_scale", flat, ROWS, GROUPS);
        DecodedMatrix matrix =
                of("{\"quant_method\":\"compressed-tensors\",\"format\":\"pack-quantized\"}")
                        .find("m.weight", ROWS, COLUMNS)
                        .orElseThrow();
        assertProducts(matrix);
        float[] third = GgufBlocksTest.values(matrix, 7);
        assertThat(GgufBlocksTest.values(matrix.part(4, 8), 3)).isEqualTo(third);
    }

    /** Values of torch.float8_e4m3fn for the same bytes, times a scale per tile of 8 by 32. */
    @Test
    void fp8InTiles() {
        byte[] bytes = new byte[ROWS * COLUMNS];
        float[] known = {0, 0x1p-9f, 0.0625f, 1, 1.125f, 240, 448, -448, -0.001953125f};
        int[] spelled = {0, 1, 0x18, 0x38, 0x39, 0x77, 0x7e, 0xfe, 0x81};
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) spelled[i % spelled.length];
        }
        add("m.weight", "F8_E4M3", bytes, ROWS, COLUMNS);
        floats("m.weight_scale_inv", new float[] {1, 2, 4, 8}, 2, 2);
        DecodedMatrix matrix =
                of("{\"quant_method\":\"fp8\",\"weight_block_size\":[8,32]}")
                        .find("m.weight", ROWS, COLUMNS)
                        .orElseThrow();
        assertThat(matrix.kept()).isEqualTo(WeightType.BFLOAT16);
        for (int row = 0; row < ROWS; row++) {
            float[] found = GgufBlocksTest.values(matrix, row);
            for (int column = 0; column < COLUMNS; column++) {
                int scale = 1 << row / 8 * 2 + column / 32;
                float wanted = known[(row * COLUMNS + column) % known.length] * scale;
                assertThat(found[column]).isEqualTo(wanted);
            }
        }
    }

    @Test
    void bytesWithoutTheirScaleAreRefused() {
        add("m.weight", "I8", new byte[ROWS * COLUMNS], ROWS, COLUMNS);
        Quantisation compressed =
                of("{\"quant_method\":\"compressed-tensors\",\"format\":\"int-quantized\"}");
        assertThatThrownBy(() -> compressed.find("m.weight", ROWS, COLUMNS))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tensor m.weight_scale is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"quant_method": "bitsandbytes"}                                      |weights quantised by "bitsandbytes" are not served
                    {"bits": 4}                                                           |quantised by "an unnamed method"
                    {"quant_method": "awq", "version": "gemv"}                            |the awq version "gemv"
                    {"quant_method": "gptq", "checkpoint_format": "marlin"}               |the gptq checkpoint format "marlin"
                    {"quant_method": "compressed-tensors", "format": "marlin-24"}         |the compressed-tensors format "marlin-24"
                    {"quant_method": "compressed-tensors", "format": "pack-quantized", "sparsity_config": {"format": "sparse-24-bitmask"}}|"sparse-24-bitmask"
                    """)
    void whatIsNotServedIsRefusedByName(String config, String words) {
        assertThatThrownBy(() -> of(config))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(words)
                .hasMessageContaining("served are fp8");
    }
}
