package dev.cairn.engine.models.files;

import dev.cairn.engine.models.files.IntegerMatrix.Range;
import dev.cairn.ports.model.ModelException;
import java.util.Optional;

/**
 * AWQ in its "gemm" version: {@code qweight [inputs, outputs / 8]} and {@code qzeros [groups,
 * outputs / 8]}, both packed along the outputs in an order of its own, {@code scales [groups,
 * outputs]}.
 *
 * <p>Source: AutoAWQ, {@code WQLinear_GEMM.from_linear}.
 */
record AwqWeights(TensorDirectory tensors) implements Quantisation {

    private static final int BITS = 4;
    private static final int IN_WORD = 8;

    /** Where output 8 i + k lies in word i. */
    private static final int[] PLACE = {0, 4, 1, 5, 2, 6, 3, 7};

    @Override
    public Optional<DecodedMatrix> find(String weight, int rows, int columns) {
        String module = weight.substring(0, weight.length() - ".weight".length());
        if (!tensors.has(module + ".qweight")) {
            return Optional.empty();
        }
        if (rows % IN_WORD != 0) {
            throw new ModelException(
                    module + ": awq packs outputs by " + IN_WORD + ", here are " + rows);
        }
        int words = rows / IN_WORD;
        PackedWords codes =
                PackedWords.of(tensors.require(module + ".qweight", columns, words), BITS);
        long groups =
                tensors.find(module + ".scales")
                        .map(scales -> scales.shape().getFirst())
                        .orElse(1L);
        ScaleTable scales = new ScaleTable(tensors.require(module + ".scales", groups, rows));
        PackedWords zeros =
                PackedWords.of(tensors.require(module + ".qzeros", groups, words), BITS);
        int[] groupOf = IntegerMatrix.evenGroups(columns, (int) Math.ceilDiv(columns, groups));
        return Optional.of(
                IntegerMatrix.of(
                        rows,
                        groupOf,
                        (row, column) ->
                                codes.at((long) column * words + row / IN_WORD, PLACE[row % 8])
                                        - zeros.at(
                                                (long) groupOf[column] * words + row / IN_WORD,
                                                PLACE[row % 8]),
                        (row, group) -> scales.at((long) group * rows + row),
                        Range.BYTE,
                        scales.isExactInHalf()));
    }
}
