package dev.cairn.engine.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The operations along rows: right in plain Java, and the same from every provider. */
class RowsTest {

    private static final Kernels PLAIN = new PlainKernels();

    static List<Kernels> providers() {
        return KernelProviders.all();
    }

    @Test
    void functionsAreWithinAFewUnitsInTheLastPlace() {
        for (float x = -87; x < 88; x += 0.0371f) {
            double exact = Math.exp(x);
            assertThat((double) PlainMath.exp(x))
                    .as("exp %s", x)
                    .isCloseTo(exact, Offset.offset(exact * 3e-7));
        }
        for (float x = -12; x < 12; x += 0.00371f) {
            double exact = Math.tanh(x);
            assertThat((double) PlainMath.tanh(x))
                    .as("tanh %s", x)
                    .isCloseTo(exact, Offset.offset(3e-7 * Math.abs(exact)));
            double silu = x / (1 + Math.exp(-x));
            assertThat((double) PlainMath.silu(x))
                    .as("silu %s", x)
                    .isCloseTo(silu, Offset.offset(1e-6 * Math.abs(silu)));
            double inner = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
            double gelu = 0.5 * x * (1 + Math.tanh(inner));
            // Far below zero the exponent itself is rounded: relative errors grow with it, absolute
            // ones do not.
            assertThat((double) PlainMath.geluTanh(x))
                    .as("gelu %s", x)
                    .isCloseTo(gelu, Offset.offset(1e-6));
        }
        assertThat(PlainMath.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(PlainMath.exp(0)).isEqualTo(1);
        assertThat(PlainMath.silu(-200)).isCloseTo(0, Offset.offset(1e-30f));
        assertThat(PlainMath.tanh(50)).isEqualTo(1);
    }

    @Test
    void plainNormAndRotationAgreeWithTheirFormulas() {
        Samples samples = new Samples(3);
        int width = 75;
        float[] input = samples.normal(width);
        float[] weight = samples.normal(width);
        MemorySegment output = samples.zeros(width * 4L);
        PLAIN.rmsNorm(samples.of(input), samples.of(weight), 1e-5f, output, width, 0, 1);
        double squares = 0;
        for (float value : input) {
            squares += (double) value * value;
        }
        double[] expected = new double[width];
        for (int i = 0; i < width; i++) {
            expected[i] = input[i] / Math.sqrt(squares / width + 1e-5) * weight[i];
        }
        samples.assertClose(output, expected, 1e-6, "rmsNorm");

        float[] head = {1, 2, 3, 4, 5, 6};
        MemorySegment rows = samples.of(head);
        MemorySegment table =
                samples.of(
                        9,
                        9,
                        9,
                        9,
                        (float) Math.cos(1),
                        (float) Math.cos(2),
                        (float) Math.sin(1),
                        (float) Math.sin(2));
        PLAIN.rotate(rows, 6, 1, 6, table, 4, samples.of(1), 0, 1);
        double[] rotated = {
            Math.cos(1) - 3 * Math.sin(1),
            2 * Math.cos(2) - 4 * Math.sin(2),
            3 * Math.cos(1) + Math.sin(1),
            4 * Math.cos(2) + 2 * Math.sin(2),
            5,
            6
        };
        samples.assertClose(rows, rotated, 1e-6, "rotate");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void providersAgreeBitForBit(Kernels kernels) {
        for (int seed = 1; seed <= 40; seed++) {
            Samples samples = new Samples(seed);
            int rows = samples.between(1, 6);
            int width = samples.between(1, 150);
            int stride = width + samples.between(0, 20);
            MemorySegment left = samples.of(samples.normal(rows * stride));
            MemorySegment right = samples.of(samples.normal(rows * stride));
            int from = samples.between(0, rows - 1);
            float factor = samples.normal(1)[0];
            float cap = samples.between(1, 50);
            both(
                    samples,
                    kernels,
                    rows * width,
                    (k, out) -> k.rmsNorm(left, right, 1e-6f, out, width, from, rows),
                    "rmsNorm");
            for (Gate gate : Gate.values()) {
                both(
                        samples,
                        kernels,
                        rows * width,
                        (k, out) -> k.gate(gate, left, right, stride, out, width, from, rows),
                        gate.name());
            }
            both(
                    samples,
                    kernels,
                    rows * stride,
                    (k, out) -> {
                        out.copyFrom(left);
                        k.addScaled(out, right, factor, (long) rows * stride - 1);
                        k.addBias(out, stride, right, width, from, rows);
                        k.softcap(out, cap, (long) rows * stride - 2);
                    },
                    "addScaled, addBias, softcap");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void rotationsAgreeBitForBit(Kernels kernels) {
        for (int seed = 1; seed <= 40; seed++) {
            Samples samples = new Samples(seed);
            int tokens = samples.between(1, 5);
            int heads = samples.between(1, 4);
            int size = samples.oneOf(8, 20, 64, 80, 128);
            int rotary = samples.coin() ? size : size / 4 * 2;
            int stride = heads * size + samples.between(0, 5);
            MemorySegment rows = samples.of(samples.normal(tokens * stride));
            MemorySegment table = samples.of(samples.normal(7 * rotary));
            int[] entries = new int[tokens];
            for (int i = 0; i < tokens; i++) {
                entries[i] = samples.between(0, 6);
            }
            MemorySegment lines = samples.of(entries);
            both(
                    samples,
                    kernels,
                    tokens * stride,
                    (k, out) -> {
                        out.copyFrom(rows);
                        k.rotate(out, stride, heads, size, table, rotary, lines, 0, tokens);
                    },
                    "rotate");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void memoryThatIsTooSmallIsRefusedBeforeItIsTouched(Kernels kernels) {
        Samples samples = new Samples(1);
        MemorySegment small = samples.zeros(63 * 4);
        MemorySegment large = samples.zeros(64 * 4);
        assertThatThrownBy(() -> kernels.rmsNorm(large, large, 0, small, 64, 0, 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("output needs 256 bytes, got 252");
        PackedMatrix weights = samples.matrix(WeightFormat.F32, 4, 64);
        assertThatThrownBy(() -> kernels.matmul(weights, small, 1, large, 4, 0, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> kernels.matmul(weights, large, 1, large, 4, 0, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        KvLayout layout = new KvLayout(KvElement.F32, 1, 2, 16, 1, 8);
        MemorySegment pool = samples.zeros(layout.poolBytes());
        assertThatThrownBy(
                        () ->
                                kernels.storeKv(
                                        layout, pool, 0, samples.of(32), large, large, 8, 0, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        AttentionShape shape = new AttentionShape(1, 1, 0, 0);
        assertThatThrownBy(
                        () ->
                                kernels.attend(
                                        layout,
                                        pool,
                                        0,
                                        shape,
                                        samples.of(0, 2),
                                        20,
                                        large,
                                        large,
                                        8,
                                        0,
                                        0,
                                        1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private interface Operation {
        void run(Kernels kernels, MemorySegment output);
    }

    private static void both(
            Samples samples, Kernels kernels, int floats, Operation operation, String what) {
        MemorySegment expected = samples.untouched(floats);
        operation.run(PLAIN, expected);
        MemorySegment actual = samples.untouched(floats);
        operation.run(kernels, actual);
        samples.assertSame(actual, expected, kernels.name() + " " + what);
    }
}
