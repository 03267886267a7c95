package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;

/**
 * What the blocks of one request have in common.
 *
 * @param firstLayer the first slice that is wanted of each
 * @param layers how many
 */
record Range(BlockKind kind, int firstLayer, int layers) {

    static Range of(BlockRead read) {
        BlockKind kind = BlockKind.of(read.key(), read.layout());
        return new Range(kind, read.firstLayer(), read.layers());
    }

    /** Makes no object. */
    boolean covers(BlockRead read) {
        return firstLayer == read.firstLayer()
                && layers == read.layers()
                && kind.covers(read.key(), read.layout());
    }

    int endLayer() {
        return firstLayer + layers;
    }

    int sliceBytes() {
        return (int) kind.layout().sliceBytes();
    }
}
