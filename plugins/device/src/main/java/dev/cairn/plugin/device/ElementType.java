package dev.cairn.plugin.device;

import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.WeightType;
import java.util.Optional;

/** How elements lie in device memory. Kernels know the types by their ordinals. */
public enum ElementType {
    FLOAT32(WeightType.FLOAT32),
    FLOAT16(WeightType.FLOAT16),
    BFLOAT16(WeightType.BFLOAT16),
    Q8_0(WeightType.Q8_0),
    Q4_0(WeightType.Q4_0);

    private final WeightType weightType;

    ElementType(WeightType weightType) {
        this.weightType = weightType;
    }

    /** The type of a stored weight; empty where no kernel reads it. */
    static Optional<ElementType> of(WeightType type) {
        for (ElementType known : values()) {
            if (known.weightType == type) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
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
        return weightType.blockLength() == 1;
    }

    /** The name that {@code --dtype} takes. */
    public String label() {
        return weightType.label();
    }

    public WeightType weightType() {
        return weightType;
    }

    /** Bytes of a row of elements. */
    public long rowBytes(int columns) {
        return weightType.rowBytes(columns);
    }

    /** What the other operand of a product with such weights is: plain types meet their own. */
    public ElementType operand() {
        return isPlain() ? this : FLOAT32;
    }
}
