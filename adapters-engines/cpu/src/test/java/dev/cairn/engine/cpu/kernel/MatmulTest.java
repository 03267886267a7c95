package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products over packed weights: right, the same from every provider, and the same in any batch. */
class MatmulTest {

    private static final Kernels PLAIN = new PlainKernels();

    static List<Kernels> providers() {
        return KernelProviders.all();
    }

    static Stream<Arguments> providersAndFormats() {
        return providers().stream()
                .flatMap(
                        kernels ->
                                Stream.of(WeightFormat.values())
                                        .map(
                                                format ->
                                                        Arguments.of(
                                                                kernels.name(), kernels, format)));
    }

    /**
     * Against double precision over the very operands (weights as packed, inputs as prepared), so
     * what is left is rounding: K additions of relative 2^-24 each, of random sign; 1e-5 of the
     * largest result is ten times what is seen.
     */
    @RepeatedTest(30)
    void plainAgreesWithSumsInDoublePrecision(RepetitionInfo repetition) {
        Samples samples = new Samples(repetition.getCurrentRepetition());
        WeightFormat format = samples.oneOf(WeightFormat.values());
        int tokens = samples.between(1, 5);
        int rows = samples.between(1, 70);
        int columns = samples.columns(format, 200);
        PackedMatrix weights = samples.matrix(format, rows, columns);
        MemorySegment input = samples.of(samples.normal(tokens * columns));
        MemorySegment prepared = samples.prepared(PLAIN, format, input, tokens, columns);
        MemorySegment output = samples.zeros(tokens * rows * 4L);
        PLAIN.matmul(weights, prepared, tokens, output, rows, 0, weights.panels());
        double[] expected = new double[tokens * rows];
        for (int token = 0; token < tokens; token++) {
            double[] inputs = PreparedRows.read(format.activation(), prepared, token, columns);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    expected[token * rows + row] += weights.element(row, column) * inputs[column];
                }
            }
        }
        samples.assertClose(output, expected, 1e-5, format + " [" + rows + ", " + columns + "]");
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("providersAndFormats")
    void providersAgreeBitForBit(String name, Kernels kernels, WeightFormat format) {
        for (int seed = 1; seed <= 15; seed++) {
            Samples samples = new Samples(seed);
            int tokens = samples.between(1, 15);
            int rows = samples.between(1, 150);
            int columns = samples.columns(format, 300);
            int stride = rows + samples.between(0, 9);
            PackedMatrix weights = samples.matrix(format, rows, columns);
            MemorySegment input = samples.of(samples.normal(tokens * columns));
            MemorySegment expected = samples.untouched((long) tokens * stride);
            MemorySegment mine = samples.prepared(PLAIN, format, input, tokens, columns);
            PLAIN.matmul(weights, mine, tokens, expected, stride, 0, weights.panels());
            MemorySegment theirs = samples.prepared(kernels, format, input, tokens, columns);
            samples.assertSame(theirs, mine, name + " prepared for " + format);
            MemorySegment actual = samples.untouched((long) tokens * stride);
            kernels.matmul(weights, theirs, tokens, actual, stride, 0, weights.panels());
            samples.assertSame(
                    actual, expected, name + " " + format + " [" + rows + ", " + columns + "]");
        }
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("providersAndFormats")
    void aTokensResultIsTheSameAloneAndInAnyBatch(
            String name, Kernels kernels, WeightFormat format) {
        for (int tokens = 2; tokens <= 40; tokens += tokens < 14 ? 1 : 13) {
            Samples samples = new Samples(100 + tokens);
            int rows = samples.between(1, 150);
            int columns = samples.columns(format, 300);
            PackedMatrix weights = samples.matrix(format, rows, columns);
            MemorySegment input = samples.of(samples.normal(tokens * columns));
            MemorySegment prepared = samples.prepared(kernels, format, input, tokens, columns);
            MemorySegment together = samples.zeros((long) tokens * rows * 4);
            kernels.matmul(weights, prepared, tokens, together, rows, 0, weights.panels());
            MemorySegment alone = samples.zeros((long) tokens * rows * 4);
            long rowBytes = format.activation().rowBytes(columns);
            for (int token = 0; token < tokens; token++) {
                MemorySegment row = input.asSlice(token * columns * 4L, columns * 4L);
                MemorySegment single = samples.prepared(kernels, format, row, 1, columns);
                samples.assertSame(
                        single, prepared.asSlice(token * rowBytes, rowBytes), name + " prepared");
                // Panel by panel, so that no range shapes the result either.
                for (int panel = 0; panel < weights.panels(); panel++) {
                    MemorySegment output = alone.asSlice((long) token * rows * 4, rows * 4L);
                    kernels.matmul(weights, single, 1, output, rows, panel, panel + 1);
                }
            }
            samples.assertSame(alone, together, name + " " + format + ", " + tokens + " tokens");
        }
    }
}
