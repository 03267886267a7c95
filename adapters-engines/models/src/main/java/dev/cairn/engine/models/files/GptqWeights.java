package dev.cairn.engine.models.files;

import dev.cairn.engine.models.files.IntegerMatrix.Range;
import dev.cairn.ports.model.ModelException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * GPTQ: {@code qweight [inputs / inWord, outputs]} packed along the inputs, {@code qzeros [groups,
 * outputs / inWord]} along the outputs, {@code scales [groups, outputs]}, and {@code g_idx
 * [inputs]}, the group of each input, which activation order scatters.
 *
 * <p>Source: AutoGPTQ's and GPTQModel's {@code TorchQuantLinear}.
 *
 * @param zeroOffset 1 where zero points are stored less one, as the first version of the format
 *     does
 */
record GptqWeights(TensorDirectory tensors, int zeroOffset) implements Quantisation {

    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public Optional<DecodedMatrix> find(String weight, int rows, int columns) {
        String module = weight.substring(0, weight.length() - ".weight".length());
        Optional<Tensor> found = tensors.find(module + ".qweight");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Tensor quants = found.get();
        int bits = PackedWords.bits(quants, quants.shape().getFirst(), columns);
        tensors.require(quants.name(), (long) columns * bits / 32, rows);
        long groupCount =
                tensors.find(module + ".scales")
                        .map(scales -> scales.shape().getFirst())
                        .orElse(1L);
        Tensor scaleTensor = tensors.require(module + ".scales", groupCount, rows);
        ScaleTable scales = new ScaleTable(scaleTensor);
        PackedWords codes = PackedWords.of(quants, bits);
        long zeroWords = (long) rows * bits / 32;
        PackedWords zeros =
                PackedWords.of(tensors.require(module + ".qzeros", groupCount, zeroWords), bits);
        int[] groups = groups(module, columns, groupCount);
        int inWord = codes.inWord();
        IntegerMatrix.Codes code =
                (row, column) ->
                        codes.at((long) (column / inWord) * rows + row, column % inWord)
                                - zeros.at(groups[column] * zeroWords + row / inWord, row % inWord)
                                - zeroOffset;
        return Optional.of(
                IntegerMatrix.of(
                        rows,
                        groups,
                        code,
                        (row, group) -> scales.at((long) group * rows + row),
                        range(zeros, groupCount * zeroWords),
                        scales.isExactInHalf()));
    }

    /** Symmetric files have every zero point in the middle. */
    private Range range(PackedWords zeros, long words) {
        int middle = 1 << zeros.bits() - 1;
        for (long word = 0; word < words; word++) {
            for (int place = 0; place < zeros.inWord(); place++) {
                if (zeros.at(word, place) + zeroOffset != middle) {
                    return zeros.bits() == 8 ? Range.WIDE : Range.BYTE;
                }
            }
        }
        return zeros.bits() == 8 ? Range.BYTE : Range.NIBBLE;
    }

    private int[] groups(String module, int columns, long count) {
        Optional<Tensor> named = tensors.find(module + ".g_idx");
        if (named.isEmpty()) {
            return IntegerMatrix.evenGroups(columns, (int) Math.ceilDiv(columns, count));
        }
        Tensor tensor = tensors.require(module + ".g_idx", columns);
        if (!tensor.encoding().equals("I32")) {
            throw new ModelException(
                    tensor.described() + " is in " + tensor.encoding() + ", expected I32");
        }
        int[] groups = new int[columns];
        for (int column = 0; column < columns; column++) {
            groups[column] = tensor.bytes().get(INT, 4L * column);
            if (groups[column] < 0 || groups[column] >= count) {
                throw new ModelException(
                        "%s puts input %d in group %d of %d"
                                .formatted(tensor.described(), column, groups[column], count));
            }
        }
        return groups;
    }
}
