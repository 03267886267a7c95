package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.roundUp;

import java.util.Objects;

/**
 * Where one layer group's keys and values lie in its pool, and how large everything is.
 *
 * <p>A pool is {@code [layer][block][KV head]}, and what one head of one block holds is contiguous:
 * its keys as {@code [token / 16][element][token % 16]}, so that one load meets 16 tokens; its
 * values as {@code [token][element]} with rows filled up to 16 elements; and for {@link
 * KvElement#INT8} the scales of the keys and of the values, {@code [token]} float32 each. {@link
 * KvBlocks} converts to and from the layout that leaves the process.
 *
 * @param element how a number is stored
 * @param layers layers of the group
 * @param blocks blocks of the pool
 * @param blockTokens tokens of a block, a multiple of 16
 * @param kvHeads heads of keys and values
 * @param headSize elements of a head
 */
public record KvLayout(
        KvElement element, int layers, int blocks, int blockTokens, int kvHeads, int headSize) {

    /** Tokens whose keys are interleaved. */
    public static final int TILE = 16;

    public KvLayout {
        Objects.requireNonNull(element, "element is null");
        if (layers < 1 || blocks < 1 || kvHeads < 1 || headSize < 1 || headSize > 1024) {
            throw new IllegalArgumentException(
                    "no KV pool of %d layers, %d blocks, %d heads of %d elements"
                            .formatted(layers, blocks, kvHeads, headSize));
        }
        if (blockTokens < TILE || blockTokens % TILE != 0) {
            throw new IllegalArgumentException(
                    "a KV block has a multiple of "
                            + TILE
                            + " tokens on this engine, not "
                            + blockTokens);
        }
    }

    /** Bytes of the whole pool; allocate it 64-byte aligned. */
    public long poolBytes() {
        return Math.multiplyExact(
                Math.multiplyExact(blockLayerBytes(), (long) blocks), (long) layers);
    }

    /** Bytes of one layer of one block in the pool. */
    public long blockLayerBytes() {
        return headBytes() * kvHeads;
    }

    /**
     * Bytes of one block over all layers in the pool: what a token costs, times {@link
     * #blockTokens()}.
     */
    public long blockBytes() {
        return blockLayerBytes() * layers;
    }

    /** Where a layer of the pool begins. */
    public long layerOffset(int layer) {
        return Objects.checkIndex(layer, layers) * (blockLayerBytes() * blocks);
    }

    /** Bytes between one head and the next within a block. */
    long headBytes() {
        return roundUp(valueScaleOffset() + (element.scaled() ? blockTokens * 4L : 0), 64);
    }

    /** Elements of a stored value row. */
    int valueRow() {
        return (int) roundUp(headSize, TILE);
    }

    /** Where the values of a head begin within the head. */
    long valueOffset() {
        return roundUp((long) blockTokens * headSize * element.bytes(), 64);
    }

    /** Where the scales of a head's keys begin within the head. */
    long keyScaleOffset() {
        return roundUp(valueOffset() + (long) blockTokens * valueRow() * element.bytes(), 64);
    }

    /** Where the scales of a head's values begin within the head. */
    long valueScaleOffset() {
        return keyScaleOffset() + (element.scaled() ? blockTokens * 4L : 0);
    }

    /** Where one head of one block of one layer begins in the pool. */
    long headOffset(int layer, int block, int head) {
        return layerOffset(layer)
                + Objects.checkIndex(block, blocks) * blockLayerBytes()
                + Objects.checkIndex(head, kvHeads) * headBytes();
    }
}
