package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Scales of a quantised matrix, read from the file as they are asked for. Threads: any. */
final class ScaleTable {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private enum Kind {
        F32(4),
        F16(2),
        BF16(2);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }
    }

    private final MemorySegment bytes;
    private final Kind kind;

    ScaleTable(Tensor tensor) {
        bytes = tensor.bytes();
        kind =
                switch (tensor.encoding()) {
                    case "F32" -> Kind.F32;
                    case "F16" -> Kind.F16;
                    case "BF16" -> Kind.BF16;
                    default ->
                            throw new ModelException(
                                    tensor.described()
                                            + " is stored as "
                                            + tensor.encoding()
                                            + "; scales must be F32, F16 or BF16");
                };
    }

    float at(long index) {
        return switch (kind) {
            case F32 -> bytes.get(FLOAT, 4 * index);
            case F16 -> Float.float16ToFloat(bytes.get(SHORT, 2 * index));
            case BF16 -> Float.intBitsToFloat(bytes.get(SHORT, 2 * index) << 16);
        };
    }

    long size() {
        return bytes.byteSize() / kind.bytes;
    }

    /** Whether every scale is a float16 as it is, so that blocks of Q8_0 and Q4_0 can hold it. */
    boolean isExactInHalf() {
        if (kind == Kind.F16) {
            return true;
        }
        for (long i = 0; i < size(); i++) {
            float scale = at(i);
            if (Float.float16ToFloat(Float.floatToFloat16(scale)) != scale) {
                return false;
            }
        }
        return true;
    }
}
