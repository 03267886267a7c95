package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Brings stored rows into the layout of {@link PackedMatrix}.
 *
 * <p>Equal formats are exact re-layouts. Others go through float32, and into a quantised format by
 * the rules of ggml's reference quantisers ({@code quantize_row_q8_0_ref}, {@code
 * quantize_row_q4_0_ref}). Threads: ranges of panels may be packed at the same time.
 */
public final class MatrixPacker {

    private MatrixPacker() {}

    /** Packs a whole matrix; see {@link #pack(StoredRows, PackedMatrix, int, int)}. */
    public static PackedMatrix pack(StoredRows source, PackedMatrix target) {
        pack(source, target, 0, target.panels());
        return target;
    }

    /**
     * Packs a range of panels.
     *
     * @param source at least {@code target.rows()} rows of {@code target.columns()} elements
     * @param target from {@link PackedMatrix#allocate}
     * @param fromPanel first group of 16 rows
     * @param toPanel behind the last one
     * @throws IllegalArgumentException if a row holds a number that is not finite where the target
     *     is quantised
     */
    public static void pack(StoredRows source, PackedMatrix target, int fromPanel, int toPanel) {
        Objects.checkFromToIndex(fromPanel, toPanel, target.panels());
        PanelWriter writer = new PanelWriter(target);
        StoredRowReader reader = new StoredRowReader(source, target.columns());
        int last = Math.min(target.rows(), toPanel * PackedMatrix.PANEL_ROWS);
        for (int row = fromPanel * PackedMatrix.PANEL_ROWS; row < last; row++) {
            MemorySegment stored = source.row(row);
            if (target.format() == source.format()) {
                writer.copy(row, stored);
            } else {
                writer.write(row, reader.read(stored));
            }
        }
    }
}
