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

    /** A run of one sequence's tokens within a tile. Rewritten by later steps. */
    static final class Segment {

        private MemorySegment[] tables;
        private int firstPosition;
        private int row;
        private int rows;
        private int adapter;

        /** Slot of the sequence's LoRA adapter; -1 = none. */
        int adapter() {
            return adapter;
        }

        /** Position of its first token. */
        int firstPosition() {
            return firstPosition;
        }

        /** Row of its first token within the tile. */
        int row() {
            return row;
        }

        /** Tokens. */
        int rows() {
            return rows;
        }

        /** The sequence's block table in a group, int32. */
        MemorySegment table(int group) {
            return tables[group];
        }
    }

    /** Rows that go through a layer together. Rewritten by later steps. */
    static final class Tile {

        private final int index;
        private final int row;
        private final MemorySegment rotaryLines;
        private final MemorySegment[] slots;
        private final List<Segment> segments = new ArrayList<>();
        private int rows;
        private int count;

        Tile(int index, int row, MemorySegment rotaryLines, MemorySegment[] slots) {
            this.index = index;
            this.row = row;
            this.rotaryLines = rotaryLines;
            this.slots = slots;
        }

        /** Counts the step's tiles. */
        int index() {
            return index;
        }

        /** First row of the step. */
        int row() {
            return row;
        }

        /** How many. */
        int rows() {
            return rows;
        }

        /** Runs of sequences in it. */
        int segments() {
            return count;
        }

        Segment segment(int i) {
            return segments.get(i);
        }

        /** The line of each row in a {@link RotaryTable}, int32. */
        MemorySegment rotaryLines() {
            return rotaryLines;
        }

        /** Where the rows go in a group's pool, int32 {@code block * blockTokens + place}. */
        MemorySegment slots(int group) {
            return slots[group];
        }

        private void clear() {
            rows = 0;
            count = 0;
        }

        private void add(int firstPosition, int take, int adapter, MemorySegment[] tables) {
            if (count == segments.size()) {
                segments.add(new Segment());
            }
            Segment segment = segments.get(count++);
            segment.tables = tables;
            segment.firstPosition = firstPosition;
            segment.row = rows;
            segment.rows = take;
            segment.adapter = adapter;
            rows += take;
        }
    }

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private final StepLimits limits;
    private final List<KvGroup> groups;
    private final int[] tokens;
    private final int[] wantedRows;
    private final MemorySegment rotaryLines;
    private final MemorySegment[] slots;
    private final MemorySegment[][] tables;
    private final Tile[] tiles;
    private int tileCount;
    private int rows;
    private int wanted;

    RaggedStep(StepLimits limits, List<KvGroup> groups, OffHeap offHeap) {
        this.limits = limits;
        this.groups = groups;
        tokens = new int[limits.tokens()];
        wantedRows = new int[limits.logitRows()];
        rotaryLines = offHeap.allocate(4L * limits.tokens());
        slots = new MemorySegment[groups.size()];
        tables = new MemorySegment[limits.sequences()][groups.size()];
        for (int group = 0; group < groups.size(); group++) {
            slots[group] = offHeap.allocate(4L * limits.tokens());
            MemorySegment all = offHeap.allocate(tableBytes(limits, groups.get(group)));
            long each = all.byteSize() / limits.sequences();
            for (int i = 0; i < limits.sequences(); i++) {
                tables[i][group] = all.asSlice(i * each, each);
            }
        }
        tiles = new Tile[(limits.tokens() + limits.tileRows() - 1) / limits.tileRows()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = tile(i);
        }
    }

    private Tile tile(int index) {
        int row = index * limits.tileRows();
        MemorySegment[] own = new MemorySegment[slots.length];
        for (int group = 0; group < own.length; group++) {
            own[group] = slots[group].asSlice(4L * row);
        }
        return new Tile(index, row, rotaryLines.asSlice(4L * row), own);
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
        tileCount = 0;
        for (int i = 0; i < batch.sequences().size(); i++) {
            SequenceStep sequence = batch.sequences().get(i);
            copyTables(sequence, tables[i]);
            writeRows(sequence);
            cut(sequence, tables[i]);
        }
    }

    private void copyTables(SequenceStep sequence, MemorySegment[] own) {
        int last = sequence.firstPosition() + sequence.tokens().length - 1;
        for (int group = 0; group < own.length; group++) {
            int blocks = last / groups.get(group).layout().blockTokens() + 1;
            MemorySegment.copy(sequence.blockTables()[group], 0, own[group], INT, 0, blocks);
        }
    }

    private void writeRows(SequenceStep sequence) {
        int count = sequence.tokens().length;
        int firstLine = RotaryTable.firstLine(sequence.longForm(), limits.positions());
        System.arraycopy(sequence.tokens(), 0, tokens, rows, count);
        for (int i = 0; i < count; i++) {
            int position = sequence.firstPosition() + i;
            rotaryLines.setAtIndex(INT, rows + i, firstLine + position);
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

    private void cut(SequenceStep sequence, MemorySegment[] own) {
        int left = sequence.tokens().length;
        int position = sequence.firstPosition();
        while (left > 0) {
            int inTile = rows % limits.tileRows();
            if (inTile == 0) {
                tiles[tileCount++].clear();
            }
            int take = Math.min(left, limits.tileRows() - inTile);
            tiles[tileCount - 1].add(position, take, sequence.adapter(), own);
            rows += take;
            position += take;
            left -= take;
        }
    }

    /** Rows of the step. */
    int rows() {
        return rows;
    }

    /** The token of each row. */
    int token(int row) {
        return tokens[row];
    }

    /** Tiles of the step. */
    int tiles() {
        return tileCount;
    }

    Tile tileAt(int index) {
        return tiles[index];
    }

    /** Rows of logits that are wanted. */
    int wanted() {
        return wanted;
    }

    /** Which row of the step the i-th row of logits belongs to. */
    int wantedRow(int i) {
        return wantedRows[i];
    }
}
