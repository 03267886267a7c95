package dev.cairn.ports.cache;

/**
 * The canonical bytes of one KV block outside a device: {@code [layer][k,
 * v][token][head][element]}, little-endian, one layer slice after the other. With {@link
 * KvType#INT8} a slice's codes are followed by its scales, float32 {@code [k, v][token][head]}.
 *
 * @param layers layers of the group, in the model's order
 * @param tokens tokens per block
 * @param heads key and value heads
 * @param headSize elements per head
 */
public record KvLayout(int layers, int tokens, int heads, int headSize, KvType type) {

    /** Bytes of one layer's slice. */
    public long sliceBytes() {
        return 2L * tokens * heads * ((long) headSize * type.elementBytes() + type.scaleBytes());
    }

    public long blockBytes() {
        return layers * sliceBytes();
    }

    /** Where layer {@code layer} (index within the group) starts in a block. */
    public long sliceOffset(int layer) {
        return layer * sliceBytes();
    }
}
