package dev.cairn.engine.cpu;

import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch laid out in rows: the tokens of all sequences one behind the other, cut into tiles that
 * go through a layer together. A tile's rows of one sequence are a {@link Segment}.
 *
 * <p>Memory is allocated once for the largest step and rewritten by {@link #lay}. Threads: the
 * runner's; read by the crew during a step.
 */
final class RaggedStep {

    /**
     * A run of one sequence's tokens within a tile.
     *
     * @param firstPosition of its first token
     * @param row of its first token within the tile
     * @param rows tokens
     * @param tables the sequence's block table in each group, int32
     */
    record Segment(int firstPosition, int row, int rows, List<MemorySegment> tables) {}

    /**
     * Rows that go through a layer together.
     *
     * @param row first one of the step
     * @param rows how many
     */
    record Tile(int row, int rows, List<Segment> segments) {}

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private final StepLimits limits;
    private final List<KvGroup> groups;
    private final int[] tokens;
    private final int[] wantedRows;
    private final MemorySegment positions;
    private final MemorySegment[] slots;
    private final MemorySegment[] tables;
    private final List<Tile> tiles = new ArrayList<>();
    private List<Segment> openTile = new ArrayList<>();
    private int rows;
    private int wanted;

    RaggedStep(StepLimits limits, List<KvGroup> groups, OffHeap offHeap) {
        this.limits = limits;
        this.groups = groups;
        tokens = new int[limits.tokens()];
        wantedRows = new int[limits.logitRows()];
        positions = offHeap.allocate(4L * limits.tokens());
        slots = new MemorySegment[groups.size()];
        tables = new MemorySegment[groups.size()];
        for (int group = 0; group < groups.size(); group++) {
            slots[group] = offHeap.allocate(4L * limits.tokens());
            tables[group] = offHeap.allocate(tableBytes(limits, groups.get(group)));
        }
    }

    /** Bytes of all arrays. */
    static long bytes(StepLimits limits, List<KvGroup> groups) {
        long sum = 4L * limits.tokens() * (1 + groups.size());
        for (KvGroup group : groups) {
            sum += tableBytes(limits, group);
        }
        return sum;
    }

    private static long tableBytes(StepLimits limits, KvGroup group) {
        int blockTokens = group.layout().blockTokens();
        return 4L * limits.sequences() * ((limits.positions() + blockTokens - 1) / blockTokens);
    }

    /** Lays out a batch that {@link BatchRules} has found good. */
    void lay(StepBatch batch) {
        rows = 0;
        wanted = 0;
        tiles.clear();
        openTile = new ArrayList<>();
        long[] tableStarts = new long[groups.size()];
        for (SequenceStep sequence : batch.sequences()) {
            List<MemorySegment> own = copyTables(sequence, tableStarts);
            writeRows(sequence);
            cut(sequence, own);
        }
        closeTile();
    }

    private List<MemorySegment> copyTables(SequenceStep sequence, long[] starts) {
        List<MemorySegment> own = new ArrayList<>(tables.length);
        int last = sequence.firstPosition() + sequence.tokens().length - 1;
        for (int group = 0; group < tables.length; group++) {
            int blocks = last / groups.get(group).layout().blockTokens() + 1;
            MemorySegment.copy(
                    sequence.blockTables()[group], 0, tables[group], INT, starts[group], blocks);
            own.add(tables[group].asSlice(starts[group], 4L * blocks));
            starts[group] += 4L * blocks;
        }
        return own;
    }

    private void writeRows(SequenceStep sequence) {
        int count = sequence.tokens().length;
        System.arraycopy(sequence.tokens(), 0, tokens, rows, count);
        for (int i = 0; i < count; i++) {
            int position = sequence.firstPosition() + i;
            positions.setAtIndex(INT, rows + i, position);
            for (int group = 0; group < slots.length; group++) {
                int blockTokens = groups.get(group).layout().blockTokens();
                int block = sequence.blockTables()[group][position / blockTokens];
                slots[group].setAtIndex(
                        INT, rows + i, block * blockTokens + position % blockTokens);
            }
            if (i >= sequence.logitsFrom()) {
                wantedRows[wanted++] = rows + i;
            }
        }
    }

    private void cut(SequenceStep sequence, List<MemorySegment> own) {
        int left = sequence.tokens().length;
        int position = sequence.firstPosition();
        while (left > 0) {
            int inTile = rows % limits.tileRows();
            int take = Math.min(left, limits.tileRows() - inTile);
            openTile.add(new Segment(position, inTile, take, own));
            rows += take;
            position += take;
            left -= take;
            if (rows % limits.tileRows() == 0) {
                closeTile();
            }
        }
    }

    private void closeTile() {
        if (openTile.isEmpty()) {
            return;
        }
        int first = (rows - 1) / limits.tileRows() * limits.tileRows();
        tiles.add(new Tile(first, rows - first, List.copyOf(openTile)));
        openTile = new ArrayList<>();
    }

    /** Rows of the step. */
    int rows() {
        return rows;
    }

    /** The token of each row. */
    int token(int row) {
        return tokens[row];
    }

    List<Tile> tiles() {
        return tiles;
    }

    /** Rows of logits that are wanted. */
    int wanted() {
        return wanted;
    }

    /** Which row of the step the i-th row of logits belongs to. */
    int wantedRow(int i) {
        return wantedRows[i];
    }

    /** Positions of a tile's rows, int32. */
    MemorySegment positions(Tile tile) {
        return positions.asSlice(4L * tile.row(), 4L * tile.rows());
    }

    /** Where a tile's rows go in a group's pool, int32 {@code block * blockTokens + place}. */
    MemorySegment slots(int group, Tile tile) {
        return slots[group].asSlice(4L * tile.row(), 4L * tile.rows());
    }
}
