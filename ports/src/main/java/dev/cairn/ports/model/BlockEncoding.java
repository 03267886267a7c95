package dev.cairn.ports.model;

/**
 * Encodings of GGUF beside {@link WeightType} that an engine may compute with as they are. Nothing
 * is converted to them.
 *
 * <p>Source: ggml's block structures (ggml-common.h); {@code d} and {@code dmin} are float16.
 */
public enum BlockEncoding {
    /** 32 weights: d, 32 high bits, 16 bytes of nibbles as in Q4_0; weight = d * (q - 16). */
    Q5_0("q5_0", 32, 22),
    /**
     * 256 weights: d, dmin, 12 bytes of scales and minima of 6 bits, 128 bytes of nibbles; weight =
     * d * scale * q - dmin * minimum, both per 32.
     */
    Q4_K("q4_k", 256, 144),
    /** As Q4_K, with 32 bytes of fifth bits before the nibbles. */
    Q5_K("q5_k", 256, 176),
    /**
     * 256 weights: 128 bytes of low nibbles, 64 of high bits in twos, 16 signed scales, d; weight =
     * d * scale * (q - 32), a scale per 16.
     */
    Q6_K("q6_k", 256, 210);

    private final String label;
    private final int blockLength;
    private final int blockBytes;

    BlockEncoding(String label, int blockLength, int blockBytes) {
        this.label = label;
        this.blockLength = blockLength;
        this.blockBytes = blockBytes;
    }

    /** For people. */
    public String label() {
        return label;
    }

    /** Weights per block. */
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
