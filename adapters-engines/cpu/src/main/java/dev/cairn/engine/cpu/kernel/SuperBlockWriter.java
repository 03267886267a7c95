package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.BLOCK;
import static dev.cairn.engine.cpu.kernel.PackedMatrix.PANEL_ROWS;
import static dev.cairn.engine.cpu.kernel.WeightFormat.SUPER_BLOCK;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies stored rows of a format with super blocks into a {@link PackedMatrix}, bit for bit. */
final class SuperBlockWriter {

    private final PackedMatrix matrix;
    private final MemorySegment data;
    private final StoredBlock block;
    private final int[] part = new int[BLOCK];

    SuperBlockWriter(PackedMatrix matrix) {
        this.matrix = matrix;
        data = matrix.data();
        block = new StoredBlock(matrix.format());
    }

    void copy(int row, MemorySegment stored) {
        WeightFormat format = matrix.format();
        int panel = row / PANEL_ROWS;
        int lane = row % PANEL_ROWS;
        long bytes = matrix.panelBytes() / (matrix.columns() / BLOCK);
        for (int column = 0; column < matrix.columns(); column += SUPER_BLOCK) {
            block.read(stored, (long) (column / SUPER_BLOCK) * format.blockBytes());
            for (int i = 0; i < SUPER_BLOCK; i += BLOCK) {
                System.arraycopy(block.quants, i, part, 0, BLOCK);
                putElements(matrix.panelOffset(panel) + (column + i) / BLOCK * bytes, lane);
            }
            putScales(matrix.superBlock(panel, column), lane);
        }
    }

    private void putElements(long at, int lane) {
        switch (matrix.format()) {
            case Q4_K -> BitPlanes.putFour(data, at, lane, part, 0);
            case Q5_K -> BitPlanes.putFive(data, at, lane, part, 0);
            case Q6_K -> BitPlanes.putSix(data, at, lane, part, 0);
            case F32, F16, BF16, Q8_0, Q4_0, Q5_0 ->
                    throw new IllegalStateException(matrix.format() + " has no super blocks");
        }
    }

    private void putScales(long at, int lane) {
        data.set(PlainMemory.SHORT, at + lane * 2, block.factor);
        if (!matrix.format().minima()) {
            putBytes(at + 32 + lane, block.scales, 16);
            return;
        }
        data.set(PlainMemory.SHORT, at + 32 + lane * 2, block.minimumFactor);
        putBytes(at + 64 + lane, block.scales, 8);
        putBytes(at + 192 + lane, block.minima, 8);
    }

    private void putBytes(long at, int[] values, int count) {
        for (int i = 0; i < count; i++) {
            data.set(ValueLayout.JAVA_BYTE, at + (long) i * PANEL_ROWS, (byte) values[i]);
        }
    }
}
