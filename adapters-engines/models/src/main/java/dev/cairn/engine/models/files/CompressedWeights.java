package dev.cairn.engine.models.files;

import dev.cairn.engine.models.files.IntegerMatrix.Range;
import dev.cairn.ports.model.ModelException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * compressed-tensors: {@code weight_packed [outputs, inputs / inWord]} of integers of 4 or 8 bits,
 * stored plus half their range, {@code weight_scale [outputs, groups]}, perhaps {@code
 * weight_zero_point [outputs / inWord, groups]}, packed along the outputs, and {@code weight_g_idx
 * [inputs]}; or bytes as {@link ScaledWeights} reads them.
 *
 * <p>Source: compressed-tensors, {@code pack_quantized.py}.
 */
record CompressedWeights(TensorDirectory tensors, int[] tile) implements Quantisation {

    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public Optional<DecodedMatrix> find(String weight, int rows, int columns) {
        Optional<Tensor> packed = tensors.find(weight + "_packed");
        return packed.isPresent()
                ? Optional.of(packed(weight, packed.get(), rows, columns))
                : new ScaledWeights(tensors, tile).find(weight, rows, columns);
    }

    private DecodedMatrix packed(String weight, Tensor packed, int rows, int columns) {
        long words = packed.shape().getLast();
        int bits = PackedWords.bits(packed, words, columns);
        tensors.require(packed.name(), rows, words);
        PackedWords codes = PackedWords.of(packed, bits);
        Tensor scaleTensor =
                tensors.find(weight + "_scale")
                        .orElseThrow(
                                () -> new ModelException("tensor " + weight + "_scale is missing"));
        ScaleTable scales = new ScaleTable(scaleTensor);
        long count = scales.size() == 1 ? 1 : scales.size() / rows;
        if (scales.size() != 1) {
            tensors.require(scaleTensor.name(), rows, count);
        }
        int[] groups = groups(weight, columns, count);
        int inWord = codes.inWord();
        int middle = 1 << bits - 1;
        long perRow = scales.size() == 1 ? 0 : count;
        IntegerMatrix.Scales scale = (row, group) -> scales.at(row * perRow + group);
        if (!tensors.has(weight + "_zero_point")) {
            return IntegerMatrix.of(
                    rows,
                    groups,
                    (row, column) ->
                            codes.at(row * words + column / inWord, column % inWord) - middle,
                    scale,
                    bits == 8 ? Range.BYTE : Range.NIBBLE,
                    scales.isExactInHalf());
        }
        PackedWords zeros =
                PackedWords.of(
                        tensors.require(weight + "_zero_point", Math.ceilDiv(rows, inWord), count),
                        bits);
        return IntegerMatrix.of(
                rows,
                groups,
                (row, column) ->
                        codes.at(row * words + column / inWord, column % inWord)
                                - zeros.at(row / inWord * count + groups[column], row % inWord),
                scale,
                bits == 8 ? Range.WIDE : Range.BYTE,
                scales.isExactInHalf());
    }

    private int[] groups(String weight, int columns, long count) {
        Optional<Tensor> named = tensors.find(weight + "_g_idx");
        // a list of -1 stands for groups in order
        if (named.isEmpty() || (columns > 0 && named.get().bytes().get(INT, 0) == -1)) {
            return IntegerMatrix.evenGroups(columns, (int) Math.ceilDiv(columns, count));
        }
        Tensor tensor = tensors.require(weight + "_g_idx", columns);
        int[] groups = new int[columns];
        for (int column = 0; column < columns; column++) {
            groups[column] =
                    tensor.encoding().equals("I32") ? tensor.bytes().get(INT, 4L * column) : -1;
            if (groups[column] < 0 || groups[column] >= count) {
                throw new ModelException(
                        tensor.described() + " is no list of groups below " + count);
            }
        }
        return groups;
    }
}
