package dev.cairn.engine.cpu.kernel;

/** How keys and values are stored in a pool of KV blocks. */
public enum KvElement {
    /** Single precision, exact. */
    F32(4),
    /** Rounded to bfloat16 when stored. */
    BF16(2),
    /**
     * Signed bytes behind one float32 scale per token and head: the largest magnitude divided by
     * 127.
     */
    INT8(1);

    private final int bytes;

    KvElement(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element, without its share of a scale. */
    public int bytes() {
        return bytes;
    }

    /** Whether each token's head has a float32 scale. */
    public boolean scaled() {
        return this == INT8;
    }
}
