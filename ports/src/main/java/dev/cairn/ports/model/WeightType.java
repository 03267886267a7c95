package dev.cairn.ports.model;

/**
 * Encodings of stored weights. Quantised ones are GGUF's, byte for byte: a row is a run of blocks.
 *
 * <p>Source: ggml's block structures (ggml-common.h), GGUF specification v3.
 */
public enum WeightType {
    FLOAT32("float32", 1, 4),
    FLOAT16("float16", 1, 2),
    BFLOAT16("bfloat16", 1, 2),
    /** 32 weights: float16 scale d, then 32 int8; weight = d * q. */
    Q8_0("q8_0", 32, 34),
    /**
     * 32 weights: float16 scale d, then 16 bytes; byte i holds weight i (low nibble) and i + 16;
     * weight = d * (q - 8).
     */
    Q4_0("q4_0", 32, 18);

    private final String label;
    private final int blockLength;
    private final int blockBytes;

    WeightType(String label, int blockLength, int blockBytes) {
        this.label = label;
        this.blockLength = blockLength;
        this.blockBytes = blockBytes;
    }

    /** The name that {@code --dtype} takes. */
    public String label() {
        return label;
    }

    /** Weights per block; 1 for plain types. */
    public int blockLength() {
        return blockLength;
    }

    /** Bytes per block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Bytes of a row of {@code columns} weights. */
    public long rowBytes(int columns) {
        return (long) columns / blockLength * blockBytes;
    }
}
