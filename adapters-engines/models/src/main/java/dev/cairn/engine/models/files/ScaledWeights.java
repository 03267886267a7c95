package dev.cairn.engine.models.files;

import dev.cairn.engine.models.files.IntegerMatrix.Range;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * Weights of one byte, FP8 (E4M3) or integers, under their usual names, with {@code weight_scale}
 * or {@code weight_scale_inv} beside them: one for all, one per output, one per output and group of
 * inputs, or one per tile. Weight = value * scale, whatever the name says.
 *
 * <p>Source: vLLM's {@code fp8} and {@code compressed_tensors} schemes; OCP 8-bit floating point
 * 1.0 (E4M3: no infinities, one NaN).
 *
 * @param tile outputs and inputs that share a scale where scales come in tiles
 */
record ScaledWeights(TensorDirectory tensors, int[] tile) implements Quantisation {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final float[] E4M3 = new float[256];

    static {
        for (int code = 0; code < 256; code++) {
            int exponent = code >> 3 & 15;
            int mantissa = code & 7;
            float magnitude =
                    exponent == 0
                            ? mantissa * 0x1p-9f
                            : (8 + mantissa) * (float) Math.scalb(1.0, exponent - 10);
            if ((code & 127) == 127) {
                magnitude = Float.NaN;
            }
            E4M3[code] = code < 128 ? magnitude : -magnitude;
        }
    }

    @Override
    public Optional<DecodedMatrix> find(String weight, int rows, int columns) {
        Optional<Tensor> found = tensors.find(weight);
        if (found.isEmpty() || found.get().type().isPresent()) {
            return Optional.empty();
        }
        Tensor values = tensors.require(weight, rows, columns);
        MemorySegment bytes = values.bytes();
        return switch (values.encoding()) {
            case "F8_E4M3" -> {
                Scales scales = scales(weight, rows, columns);
                yield Optional.of(
                        new DecodedMatrix(
                                WeightType.FLOAT32,
                                WeightType.BFLOAT16,
                                rows,
                                columns,
                                (row, target) -> {
                                    long from = (long) row * columns;
                                    for (int c = 0; c < columns; c++) {
                                        int code = bytes.get(ValueLayout.JAVA_BYTE, from + c) & 255;
                                        float scale = scales.at(row, scales.groups[c]);
                                        target.set(FLOAT, 4L * c, E4M3[code] * scale);
                                    }
                                }));
            }
            case "I8" -> Optional.of(integers(weight, bytes, rows, columns));
            default -> Optional.empty();
        };
    }

    private DecodedMatrix integers(String weight, MemorySegment bytes, int rows, int columns) {
        Scales scales = scales(weight, rows, columns);
        Optional<Tensor> zeros =
                tensors.find(weight + "_zero_point").filter(tensor -> !isZero(tensor));
        if (zeros.isPresent()) {
            throw new ModelException(
                    zeros.get().described()
                            + " has zero points other than 0; integers of one byte are served without");
        }
        return IntegerMatrix.of(
                rows,
                scales.groups,
                (row, column) -> bytes.get(ValueLayout.JAVA_BYTE, (long) row * columns + column),
                scales::at,
                Range.BYTE,
                scales.table.isExactInHalf());
    }

    private static boolean isZero(Tensor tensor) {
        MemorySegment bytes = tensor.bytes();
        for (long i = 0; i < bytes.byteSize(); i++) {
            if (bytes.get(ValueLayout.JAVA_BYTE, i) != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Scales by row and group of columns.
     *
     * @param rowsPerScale rows that share one
     * @param groupCount groups of a row
     */
    private record Scales(ScaleTable table, int[] groups, int rowsPerScale, int groupCount) {

        float at(int row, int group) {
            return table.at((long) (row / rowsPerScale) * groupCount + group);
        }
    }

    private Scales scales(String weight, int rows, int columns) {
        Tensor tensor =
                tensors.find(weight + "_scale")
                        .or(() -> tensors.find(weight + "_scale_inv"))
                        .orElseThrow(
                                () ->
                                        new ModelException(
                                                "tensor "
                                                        + weight
                                                        + "_scale is missing, and without it "
                                                        + weight
                                                        + " says nothing"));
        ScaleTable table = new ScaleTable(tensor);
        List<Long> shape = tensor.shape();
        if (table.size() == 1) {
            return new Scales(table, new int[columns], rows, 1);
        }
        if (shape.equals(List.of((long) rows))) {
            return new Scales(table, new int[columns], 1, 1);
        }
        if (shape.size() == 2 && shape.getFirst() == rows) {
            int count = Math.toIntExact(shape.getLast());
            if (count > 0 && columns % count == 0) {
                int[] groups = IntegerMatrix.evenGroups(columns, columns / count);
                return new Scales(table, groups, 1, count);
            }
        }
        int across = Math.ceilDiv(columns, tile[1]);
        if (!shape.equals(List.of((long) Math.ceilDiv(rows, tile[0]), (long) across))) {
            throw new ModelException(
                    "%s is %s; %s of [%d, %d] asks for one scale, one per row, per row and group, or per tile of %d by %d"
                            .formatted(
                                    tensor.described(),
                                    shape,
                                    weight,
                                    rows,
                                    columns,
                                    tile[0],
                                    tile[1]));
        }
        return new Scales(table, IntegerMatrix.evenGroups(columns, tile[1]), tile[0], across);
    }
}
