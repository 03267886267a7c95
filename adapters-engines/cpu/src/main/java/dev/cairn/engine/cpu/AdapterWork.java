package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.RaggedStep.Segment;
import dev.cairn.engine.cpu.RaggedStep.Tile;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import java.lang.foreign.MemorySegment;

/**
 * The rows of a tile that have LoRA adapters, those of one adapter side by side, and the memory in
 * which their share is computed. What no adapter ever used costs no memory.
 *
 * <p>Threads: the runner's, which drives the crew.
 */
final class AdapterWork {

    /** Matrices of one input that are adapted together: queries, keys and values. */
    static final int MOST_TARGETS = 3;

    private final CpuAdapters adapters;
    private final ParallelKernels parallel;
    private final int tileRows;
    private final OffHeap offHeap;
    private final int widest;
    private final int[] rowOf;
    private final int[] starts;
    private final int[] slots;
    private int groups;
    private int rank;
    private MemorySegment gathered;
    private MemorySegment narrow = MemorySegment.NULL;
    private MemorySegment share;

    AdapterWork(
            CpuAdapters adapters,
            ModelArchitecture architecture,
            StepLimits limits,
            OffHeap offHeap,
            ParallelKernels parallel) {
        this.adapters = adapters;
        this.parallel = parallel;
        this.offHeap = offHeap;
        tileRows = limits.tileRows();
        widest = widest(architecture);
        rowOf = new int[tileRows];
        starts = new int[tileRows + 1];
        slots = new int[tileRows];
    }

    private static int widest(ModelArchitecture architecture) {
        int widest = architecture.hiddenSize();
        for (LayerArchitecture layer : architecture.layers()) {
            AttentionArchitecture attention = layer.attention();
            int heads = Math.max(attention.heads(), attention.keyValueHeads());
            widest = Math.max(widest, heads * attention.headSize());
            widest = Math.max(widest, layer.feedForward().intermediateSize());
        }
        return widest;
    }

    /** The rows of this tile are computed next. */
    void begin(Tile tile) {
        groups = 0;
        rank = 0;
        int rows = 0;
        for (int i = 0; i < tile.segments(); i++) {
            int slot = tile.segment(i).adapter();
            if (slot >= 0 && !isGrouped(slot)) {
                slots[groups] = slot;
                starts[groups++] = rows;
                rows = collect(tile, i, slot, rows);
                rank = Math.max(rank, adapters.at(slot).rank());
            }
        }
        starts[groups] = rows;
        if (groups > 0) {
            provide();
        }
    }

    private boolean isGrouped(int slot) {
        for (int group = 0; group < groups; group++) {
            if (slots[group] == slot) {
                return true;
            }
        }
        return false;
    }

    private int collect(Tile tile, int from, int slot, int before) {
        int rows = before;
        for (int i = from; i < tile.segments(); i++) {
            Segment segment = tile.segment(i);
            for (int row = 0; segment.adapter() == slot && row < segment.rows(); row++) {
                rowOf[rows++] = segment.row() + row;
            }
        }
        return rows;
    }

    private void provide() {
        if (gathered == null) {
            gathered = offHeap.allocate(4L * tileRows * widest);
            share = offHeap.allocate(4L * tileRows * widest);
        }
        long wanted = 4L * tileRows * rank * MOST_TARGETS;
        if (narrow.byteSize() < wanted) {
            narrow = offHeap.allocate(wanted);
        }
    }

    /** Runs of rows with one adapter each; 0 = nothing to do in this tile. */
    int groups() {
        return groups;
    }

    LoadedAdapter adapter(int group) {
        return adapters.at(slots[group]);
    }

    /** First row of a group among those gathered; of the one behind the last, their number. */
    int start(int group) {
        return starts[group];
    }

    /** The row of the tile that the i-th gathered one is. */
    int row(int i) {
        return rowOf[i];
    }

    /** {@code [rows, columns]} of the stage's input, rows of one adapter side by side. */
    MemorySegment gathered() {
        return gathered;
    }

    /** What the first product of a target gives from a row on, rows as wide as its own rank. */
    MemorySegment narrow(int target, int fromRow) {
        return narrow.asSlice(4L * rank * ((long) target * tileRows + fromRow));
    }

    /** {@code [rows, outputs]}: what is added to a target. */
    MemorySegment share() {
        return share;
    }

    ParallelKernels parallel() {
        return parallel;
    }
}
