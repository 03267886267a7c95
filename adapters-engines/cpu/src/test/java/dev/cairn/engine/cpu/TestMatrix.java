package dev.cairn.engine.cpu;

import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** A matrix in one of the stored types, whose exact numbers the test knows too. */
final class TestMatrix implements StoredMatrix {

    private static final int BLOCK = 32;

    private final WeightType type;
    private final int rows;
    private final int columns;
    private final byte[] stored;
    private final double[] values;

    private TestMatrix(WeightType type, int rows, int columns) {
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        stored = new byte[Math.toIntExact(rows * type.rowBytes(columns))];
        values = new double[rows * columns];
    }

    static TestMatrix random(
            Random random, WeightType type, int rows, int columns, double deviation) {
        TestMatrix matrix = new TestMatrix(type, rows, columns);
        ByteBuffer out = ByteBuffer.wrap(matrix.stored).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < matrix.values.length; i += type.blockLength()) {
            matrix.randomBlock(random, deviation, i, out);
        }
        return matrix;
    }

    static TestMatrix constant(WeightType type, int rows, int columns, float value) {
        TestMatrix matrix = new TestMatrix(type, rows, columns);
        ByteBuffer out = ByteBuffer.wrap(matrix.stored).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < matrix.values.length; i++) {
            matrix.plain(value, i, out);
        }
        return matrix;
    }

    private void randomBlock(Random random, double deviation, int at, ByteBuffer out) {
        switch (type) {
            case FLOAT32, FLOAT16, BFLOAT16 ->
                    plain((float) (deviation * random.nextGaussian()), at, out);
            case Q8_0 -> {
                float scale = scale(random, deviation / 45, out);
                for (int i = 0; i < BLOCK; i++) {
                    int code = Math.clamp(Math.round(45 * random.nextGaussian()), -127, 127);
                    out.put((byte) code);
                    values[at + i] = (double) scale * code;
                }
            }
            case Q4_0 -> {
                float scale = scale(random, deviation / 4.6, out);
                int[] codes = random.ints(BLOCK, 0, 16).toArray();
                for (int i = 0; i < BLOCK / 2; i++) {
                    out.put((byte) (codes[i] | codes[i + BLOCK / 2] << 4));
                }
                for (int i = 0; i < BLOCK; i++) {
                    values[at + i] = (double) scale * (codes[i] - 8);
                }
            }
        }
    }

    private static float scale(Random random, double around, ByteBuffer out) {
        short bits = Float.floatToFloat16((float) (around * (0.7 + 0.6 * random.nextDouble())));
        out.putShort(bits);
        return Float.float16ToFloat(bits);
    }

    private void plain(float value, int at, ByteBuffer out) {
        switch (type) {
            case FLOAT32 -> {
                out.putFloat(value);
                values[at] = value;
            }
            case FLOAT16 -> {
                out.putShort(Float.floatToFloat16(value));
                values[at] = Float.float16ToFloat(Float.floatToFloat16(value));
            }
            case BFLOAT16 -> {
                int bits = Float.floatToRawIntBits(value);
                out.putShort((short) (bits >>> 16));
                values[at] = Float.intBitsToFloat(bits & 0xffff0000);
            }
            case Q8_0, Q4_0 -> throw new IllegalArgumentException(type + " has blocks");
        }
    }

    /** This and a product of two narrow matrices, in float32. */
    TestMatrix plus(double factor, TestMatrix up, TestMatrix down) {
        TestMatrix sum = new TestMatrix(WeightType.FLOAT32, rows, columns);
        ByteBuffer out = ByteBuffer.wrap(sum.stored).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double value = value(row, column);
                for (int i = 0; i < down.rows; i++) {
                    value += factor * up.value(row, i) * down.value(i, column);
                }
                out.putFloat((float) value);
                sum.values[row * columns + column] = value;
            }
        }
        return sum;
    }

    double value(int row, int column) {
        return values[row * columns + column];
    }

    /** {@code output[r] = sum over c of matrix[r, c] * input[c]}. */
    double[] times(double[] input) {
        double[] output = new double[rows];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                output[row] += values[row * columns + column] * input[column];
            }
        }
        return output;
    }

    long storedBytes() {
        return stored.length;
    }

    @Override
    public WeightType type() {
        return type;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public MemorySegment row(int row) {
        long bytes = type.rowBytes(columns);
        return MemorySegment.ofArray(stored).asSlice(row * bytes, bytes).asReadOnly();
    }
}
