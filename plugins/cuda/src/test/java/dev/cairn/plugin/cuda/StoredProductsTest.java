package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.plugin.device.DeviceMatrix;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.plugin.device.ElementType;
import dev.cairn.plugin.device.ExpertOperations;
import dev.cairn.plugin.device.OperationShapes;
import dev.cairn.plugin.device.Operations;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Products with quantised weights as their file has them, against sums in double precision over
 * weights that are decoded here by the encodings' description.
 */
class StoredProductsTest {

    private static final int COLUMNS = 768;
    private static final int OUTPUTS = 37;

    /** Of every way that a product goes: alone, few, and many with a rest. */
    private static final int[] ROWS = {1, 9, 40};

    private static final int EXPERTS = 5;

    /** Choices that share a row of the input. */
    private static final int PER_INPUT = 3;

    /** In tiles of few, and of many. */
    private static final int[] CHOICES = {6, 27, 99};

    /** Of the sum of magnitudes: inputs keep 16 bits on the matrix cores. */
    private static final double NEAR = 1e-5;

    private final Random random = new Random();
    private CudaDevice device;
    private DeviceStream stream;

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q4_0", "Q5_0", "Q4_K", "Q5_K", "Q6_K"})
    void productsAreThoseOfTheDecodedWeights(ElementType type) {
        long seed = random.nextLong();
        System.out.println(type + ", seed " + seed);
        random.setSeed(seed);
        byte[] weights = weights(type, OUTPUTS);
        float[] input = new float[ROWS[2] * COLUMNS];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        float[] onCores = product(StandIn.fresh(), type, weights, input, ROWS[2]);
        for (int rows : ROWS) {
            float[] some = product(StandIn.fresh(), type, weights, input, rows);
            assertThat(some)
                    .as("%d rows have the bits of many", rows)
                    .isEqualTo(Arrays.copyOf(onCores, some.length));
        }
        StandIn old = StandIn.fresh().with("major", 7).with("minor", 5);
        float[] plain = product(old, type, weights, input, ROWS[1]);
        for (int row = 0; row < ROWS[1]; row++) {
            for (int output = 0; output < OUTPUTS; output++) {
                double sum = 0;
                double magnitude = 0;
                for (int i = 0; i < COLUMNS; i++) {
                    double term = decoded(type, weights, output, i) * input[row * COLUMNS + i];
                    sum += term;
                    magnitude += Math.abs(term);
                }
                String place = "row %d, output %d".formatted(row, output);
                int at = row * OUTPUTS + output;
                assertThat((double) onCores[at]).as(place).isCloseTo(sum, within(NEAR * magnitude));
                assertThat((double) plain[at]).as(place).isCloseTo(sum, within(NEAR * magnitude));
            }
        }
    }

    /**
     * Sorted into tiles of few or of many, a choice of an expert has the bits that it has alone.
     */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16", "Q8_0", "Q4_K"})
    void expertsOfManyChoicesGiveEachTheBitsOfOne(ElementType type) {
        long seed = random.nextLong();
        System.out.println("experts in " + type + ", seed " + seed);
        random.setSeed(seed);
        byte[] weights = weights(type, EXPERTS * OUTPUTS);
        int most = CHOICES[CHOICES.length - 1];
        float[] input = new float[most / PER_INPUT * COLUMNS];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        // the last expert is never chosen, the first one fills more than a tile
        int[] chosen = new int[most];
        Arrays.setAll(chosen, i -> i > most / 4 ? 0 : random.nextInt(EXPERTS - 1));
        for (StandIn standIn :
                new StandIn[] {
                    StandIn.fresh().with("major", 7).with("minor", 5), StandIn.fresh()
                }) {
            float[] alone = experts(standIn, type, weights, chosen, input, most, false);
            for (int choices : CHOICES) {
                float[] some = experts(standIn, type, weights, chosen, input, choices, true);
                assertThat(some)
                        .as("%d choices", choices)
                        .isEqualTo(Arrays.copyOf(alone, some.length));
            }
            for (int choice = 0; choice < most; choice += 5) {
                int row = choice / PER_INPUT;
                for (int output = 0; output < OUTPUTS; output++) {
                    int at = chosen[choice] * OUTPUTS + output;
                    double sum = 0;
                    double magnitude = 0;
                    for (int i = 0; i < COLUMNS; i++) {
                        double term = decoded(type, weights, at, i) * input[row * COLUMNS + i];
                        sum += term;
                        magnitude += Math.abs(term);
                    }
                    assertThat((double) alone[choice * OUTPUTS + output])
                            .as("choice %d, output %d", choice, output)
                            .isCloseTo(sum, within(NEAR * magnitude));
                }
            }
        }
    }

    private float[] experts(
            StandIn standIn,
            ElementType type,
            byte[] weights,
            int[] chosen,
            float[] input,
            int choices,
            boolean grouped) {
        try (CudaDevice opened = CudaDevice.open(standIn.libraries(), StandIn.settings())) {
            device = opened;
            stream = device.stream(false);
            ExpertOperations operations =
                    device.operations(stream, new OperationShapes(64, 32)).experts();
            DeviceMatrix matrices =
                    new DeviceMatrix(
                            upload(MemorySegment.ofArray(weights)), type, OUTPUTS, COLUMNS);
            long rows = upload(MemorySegment.ofArray(input));
            long own = upload(MemorySegment.ofArray(Arrays.copyOf(chosen, choices)));
            long groups = device.allocate(4 * ExpertOperations.groupInts(choices, EXPERTS));
            long bytes = 4L * choices * OUTPUTS;
            long out = device.allocate(bytes);
            if (grouped) {
                operations.group(own, EXPERTS, choices, groups);
            }
            operations.multiply(
                    matrices,
                    EXPERTS,
                    own,
                    grouped ? groups : 0,
                    PER_INPUT,
                    rows,
                    out,
                    OUTPUTS,
                    choices);
            return fetched(out, bytes);
        }
    }

    private float[] fetched(long address, long bytes) {
        MemorySegment result = device.allocatePinned(bytes);
        device.copyOut(result, 0, address, bytes, stream);
        device.synchronize(stream);
        return result.toArray(ValueLayout.JAVA_FLOAT);
    }

    private float[] product(
            StandIn standIn, ElementType type, byte[] weights, float[] input, int rows) {
        try (CudaDevice opened = CudaDevice.open(standIn.libraries(), StandIn.settings())) {
            device = opened;
            stream = device.stream(false);
            Operations operations = device.operations(stream, new OperationShapes(64, 32));
            DeviceMatrix matrix =
                    new DeviceMatrix(
                            upload(MemorySegment.ofArray(weights)), type, OUTPUTS, COLUMNS);
            long rowsIn = upload(MemorySegment.ofArray(Arrays.copyOf(input, rows * COLUMNS)));
            long bytes = 4L * rows * OUTPUTS;
            long out = device.allocate(bytes);
            operations.product(matrix, OUTPUTS).run(rowsIn, out, rows);
            return fetched(out, bytes);
        }
    }

    private long upload(MemorySegment bytes) {
        MemorySegment pinned = device.allocatePinned(bytes.byteSize());
        MemorySegment.copy(bytes, 0, pinned, 0, bytes.byteSize());
        long address = device.allocate(bytes.byteSize());
        device.copyIn(address, pinned, 0, bytes.byteSize(), stream);
        return address;
    }

    /** Any bytes are weights, but for the float16 scales, which are to be moderate. */
    private byte[] weights(ElementType type, int rows) {
        byte[] bytes = new byte[(int) (rows * type.rowBytes(COLUMNS))];
        if (type.isPlain()) {
            return plain(type, bytes);
        }
        random.nextBytes(bytes);
        int block = blockBytes(type);
        for (int at = 0; at < bytes.length; at += block) {
            switch (type) {
                case Q4_K, Q5_K -> {
                    putHalf(bytes, at);
                    putHalf(bytes, at + 2);
                }
                case Q6_K -> putHalf(bytes, at + 208);
                default -> putHalf(bytes, at);
            }
        }
        return bytes;
    }

    private byte[] plain(ElementType type, byte[] bytes) {
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (out.hasRemaining()) {
            float value = (float) random.nextGaussian();
            switch (type) {
                case FLOAT32 -> out.putFloat(value);
                case FLOAT16 -> out.putShort(Float.floatToFloat16(value));
                default -> out.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
            }
        }
        return bytes;
    }

    private void putHalf(byte[] bytes, int at) {
        short half = Float.floatToFloat16(0.01f * (1 + random.nextFloat()));
        bytes[at] = (byte) half;
        bytes[at + 1] = (byte) (half >> 8);
    }

    private static int blockBytes(ElementType type) {
        return (int) (type.rowBytes(COLUMNS) / (COLUMNS / blockLength(type)));
    }

    private static int blockLength(ElementType type) {
        return switch (type) {
            case Q8_0, Q4_0, Q5_0 -> 32;
            default -> 256;
        };
    }

    private static double half(byte[] bytes, int at) {
        return Float.float16ToFloat((short) (bytes[at] & 255 | bytes[at + 1] << 8));
    }

    /** Weight i of an output. */
    private static double decoded(ElementType type, byte[] bytes, int output, int i) {
        if (type.isPlain()) {
            ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int place = output * COLUMNS + i;
            return switch (type) {
                case FLOAT32 -> in.getFloat(4 * place);
                case FLOAT16 -> Float.float16ToFloat(in.getShort(2 * place));
                default -> Float.intBitsToFloat(in.getShort(2 * place) << 16);
            };
        }
        int length = blockLength(type);
        int at = output * (int) type.rowBytes(COLUMNS) + i / length * blockBytes(type);
        int w = i % length;
        int nibble = w % 16;
        int shift = w / 16 * 4;
        return switch (type) {
            case Q8_0 -> half(bytes, at) * bytes[at + 2 + w];
            case Q4_0 -> half(bytes, at) * ((bytes[at + 2 + nibble] >> shift & 15) - 8);
            case Q5_0 -> {
                int fifth = bytes[at + 2 + w / 8] >> w % 8 & 1;
                yield half(bytes, at) * ((bytes[at + 6 + nibble] >> shift & 15) + 16 * fifth - 16);
            }
            case Q4_K, Q5_K -> {
                int group = w / 32;
                int quants = at + (type == ElementType.Q4_K ? 16 : 48) + w / 64 * 32 + w % 32;
                int q = bytes[quants] >> group % 2 * 4 & 15;
                if (type == ElementType.Q5_K) {
                    q += 16 * (bytes[at + 16 + w % 32] >> group & 1);
                }
                yield half(bytes, at) * six(bytes, at + 4, group, 0) * q
                        - half(bytes, at + 2) * six(bytes, at + 4, group, 4);
            }
            default -> {
                int low = bytes[at + w / 128 * 64 + w % 64] >> w % 128 / 64 * 4 & 15;
                int high = bytes[at + 128 + w / 128 * 32 + w % 32] >> w % 128 / 32 * 2 & 3;
                yield half(bytes, at + 208) * bytes[at + 192 + w / 16] * (low + 16 * high - 32);
            }
        };
    }

    /** Six bits of eight scales, or of eight minima 4 bytes behind: ggml's get_scale_min_k4. */
    private static int six(byte[] bytes, int at, int group, int behind) {
        if (group < 4) {
            return bytes[at + group + behind] & 63;
        }
        int low = bytes[at + group + 4] >> behind & 15;
        int high = bytes[at + group - 4 + behind] >> 6 & 3;
        return low | high << 4;
    }
}
