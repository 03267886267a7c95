package dev.cairn.plugin.device;

import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.BlockEncoding;
import dev.cairn.ports.model.WeightType;
import java.util.Optional;

/** How elements lie in device memory. Kernels know the types by their ordinals. */
public enum ElementType {
    FLOAT32(WeightType.FLOAT32),
    FLOAT16(WeightType.FLOAT16),
    BFLOAT16(WeightType.BFLOAT16),
    Q8_0(WeightType.Q8_0),
    Q4_0(WeightType.Q4_0),
    Q5_0(BlockEncoding.Q5_0),
    Q4_K(BlockEncoding.Q4_K),
    Q5_K(BlockEncoding.Q5_K),
    Q6_K(BlockEncoding.Q6_K);

    private final String label;
    private final int blockLength;
    private final int blockBytes;

    ElementType(WeightType type) {
        label = type.label();
        blockLength = type.blockLength();
        blockBytes = type.blockBytes();
    }

    ElementType(BlockEncoding encoding) {
        label = encoding.label();
        blockLength = encoding.blockLength();
        blockBytes = encoding.blockBytes();
    }

    /** The type of a stored weight. */
    static ElementType of(WeightType type) {
        return switch (type) {
            case FLOAT32 -> FLOAT32;
            case FLOAT16 -> FLOAT16;
            case BFLOAT16 -> BFLOAT16;
            case Q8_0 -> Q8_0;
            case Q4_0 -> Q4_0;
        };
    }

    /** The type of weights that their file has in such blocks. */
    static ElementType of(BlockEncoding encoding) {
        return switch (encoding) {
            case Q5_0 -> Q5_0;
            case Q4_K -> Q4_K;
            case Q5_K -> Q5_K;
            case Q6_K -> Q6_K;
        };
    }

    /** The type of keys and values; empty where no kernel reads it. */
    static Optional<ElementType> of(KvType type) {
        return switch (type) {
            case FLOAT32 -> Optional.of(FLOAT32);
            case BFLOAT16 -> Optional.of(BFLOAT16);
            case INT8 -> Optional.empty();
        };
    }

    /** Whether each element stands alone, without a scale that it shares. */
    public boolean isPlain() {
        return blockLength == 1;
    }

    /** For people; of types that can be asked for, the name that {@code --dtype} takes. */
    public String label() {
        return label;
    }

    /** Bytes of a row of elements. */
    public long rowBytes(int columns) {
        return (long) columns / blockLength * blockBytes;
    }

    /** What the other operand of a product with such weights is: plain types meet their own. */
    public ElementType operand() {
        return isPlain() ? this : FLOAT32;
    }
}
