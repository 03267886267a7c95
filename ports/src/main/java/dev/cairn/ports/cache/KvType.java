package dev.cairn.ports.cache;

/** How keys and values are stored. */
public enum KvType {
    FLOAT32("float32", 4),
    BFLOAT16("bfloat16", 2),
    /** One signed byte per element; one float32 scale per token and head: value = scale * code. */
    INT8("int8", 1);

    private final String label;
    private final int elementBytes;

    KvType(String label, int elementBytes) {
        this.label = label;
        this.elementBytes = elementBytes;
    }

    /** The name that {@code --kv-cache-dtype} takes. */
    public String label() {
        return label;
    }

    public int elementBytes() {
        return elementBytes;
    }

    /** Bytes of scales per token and head, beside the elements. */
    public int scaleBytes() {
        return this == INT8 ? 4 : 0;
    }
}
