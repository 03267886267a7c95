package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.KvBlocks;
import dev.cairn.engine.cpu.kernel.KvLayout;
import java.lang.foreign.MemorySegment;

/**
 * The blocks of one layer group. Threads: the runner's, or its crew on different blocks.
 *
 * @param group whose blocks they are
 * @param memory {@code group.layout().poolBytes()} bytes
 */
record KvPool(KvGroup group, MemorySegment memory) {

    static KvPool allocate(KvGroup group, OffHeap offHeap) {
        return new KvPool(group, offHeap.allocate(group.layout().poolBytes()));
    }

    /** Copies all layers of a block onto another. */
    void copy(int from, int to) {
        KvLayout layout = group.layout();
        long bytes = layout.blockLayerBytes();
        for (int layer = 0; layer < layout.layers(); layer++) {
            long start = layout.layerOffset(layer);
            MemorySegment.copy(memory, start + from * bytes, memory, start + to * bytes, bytes);
        }
    }

    /** Writes layer slices of a block in canonical layout, one behind the other. */
    void exportLayers(int block, int firstLayer, int layers, MemorySegment target) {
        long bytes = group.group().layout().sliceBytes();
        for (int i = 0; i < layers; i++) {
            KvBlocks.exportLayer(
                    group.layout(),
                    memory,
                    firstLayer + i,
                    block,
                    target.asSlice(i * bytes, bytes));
        }
    }

    /** Reads what {@link #exportLayers} wrote. */
    void restoreLayers(int block, int firstLayer, int layers, MemorySegment source) {
        long bytes = group.group().layout().sliceBytes();
        for (int i = 0; i < layers; i++) {
            KvBlocks.importLayer(
                    group.layout(),
                    memory,
                    firstLayer + i,
                    block,
                    source.asSlice(i * bytes, bytes));
        }
    }
}
