package dev.cairn.plugin.device;

import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.util.List;

/**
 * A batch laid out for the device: the tokens of all sequences one behind the other, where each
 * row's keys and values go, and the tiles of rows whose attention is computed together.
 *
 * <p>A row that is alone in its sequence (decode) may be split over its context; its partial
 * results take a slot. Whether it is split changes no bit, so slots are given while there are some.
 *
 * <p>Threads: the device's owner. Rewritten by {@link #lay}.
 */
final class StepPlan {

    private static final int TILE_INTS = 5;

    private final StepLimits limits;
    private final List<KvGroup> groups;
    private final int[] rowsPerTile;
    private final int partition;
    private final int slots;
    private final AdapterSlots adapterSlots;
    private final Staging staging;
    private final long[] slotAddresses;
    private final long[] tableAddresses;
    private final int[] tableWidths;
    private final long[] tileAddresses;
    private final int[] tileCounts;
    private final int[] tileTokens;
    private final int[] partitions;
    private final long[] layout;
    private long tokens;
    private long positions;
    private long wanted;
    private long adapters;
    private int rank;
    private int rows;
    private int wantedRows;

    /**
     * @param rowsPerTile tokens in a tile, for each kind of attention of the model
     * @param partition positions whose attention is computed apart
     * @param slots rows whose partial results there is room for
     * @param adapters those that sequences name
     */
    StepPlan(
            Device device,
            StepLimits limits,
            List<KvGroup> groups,
            int[] rowsPerTile,
            int partition,
            int slots,
            AdapterSlots adapters) {
        this.limits = limits;
        this.groups = groups;
        this.rowsPerTile = rowsPerTile;
        this.partition = partition;
        this.slots = slots;
        adapterSlots = adapters;
        staging = Staging.allocate(device, bytes(limits, groups, rowsPerTile.length));
        slotAddresses = new long[groups.size()];
        tableAddresses = new long[groups.size()];
        tableWidths = new int[groups.size()];
        tileAddresses = new long[rowsPerTile.length];
        tileCounts = new int[rowsPerTile.length];
        tileTokens = new int[rowsPerTile.length];
        partitions = new int[groups.size()];
        layout = new long[7 + 3 * groups.size() + 3 * rowsPerTile.length];
    }

    static long bytes(StepLimits limits, List<KvGroup> groups, int tileKinds) {
        long rows = 4L * limits.tokens() * (3 + groups.size() + (long) TILE_INTS * tileKinds);
        long tables = 0;
        for (KvGroup group : groups) {
            tables +=
                    4L * limits.sequences() * Math.ceilDiv(limits.positions(), group.blockTokens());
        }
        return rows + tables + 4L * limits.logitRows() + 16L * (5 + 2L * groups.size() + tileKinds);
    }

    /** Lays out a batch that {@link BatchRules} has found good. */
    void lay(StepBatch batch) {
        lay(batch, null);
    }

    /**
     * Lays out a batch in a bucket's shape: where everything lies depends on the bucket alone. Rows
     * that no sequence needs have token 0, no place for keys and values, and empty tiles.
     */
    void layIn(StepGraphs.Bucket bucket, StepBatch batch) {
        lay(batch, bucket);
    }

    private void lay(StepBatch batch, StepGraphs.Bucket bucket) {
        List<SequenceStep> sequences = batch.sequences();
        staging.clear();
        int padding = bucket == null ? 0 : bucket.rows() - sequences.size();
        rows = batch.tokens() + padding;
        tokens = staging.part();
        for (int i = 0; i < sequences.size(); i++) {
            staging.put(sequences.get(i).tokens(), 0, sequences.get(i).tokens().length);
        }
        staging.fill(0, padding);
        positions = staging.part();
        for (int i = 0; i < sequences.size(); i++) {
            SequenceStep sequence = sequences.get(i);
            for (int t = 0; t < sequence.tokens().length; t++) {
                staging.put(
                        RotaryTables.line(
                                sequence.longForm(),
                                sequence.firstPosition() + t,
                                limits.positions()));
            }
        }
        staging.fill(0, padding);
        layAdapters(sequences, padding);
        layWanted(sequences, padding);
        for (int group = 0; group < groups.size(); group++) {
            laySlots(sequences, group);
            staging.fill(-1, padding);
            if (bucket == null) {
                layTables(sequences, group, longestTable(sequences, group), 0);
                partitions[group] = partitions(sequences, groups.get(group));
            } else {
                layTables(sequences, group, longestTable(bucket, group), padding);
                partitions[group] = partitions(bucket, groups.get(group));
            }
        }
        for (int kind = 0; kind < rowsPerTile.length; kind++) {
            layTiles(sequences, kind, padding);
        }
    }

    private void layAdapters(List<SequenceStep> sequences, int padding) {
        rank = adapterSlots.rank(sequences);
        adapters = staging.part();
        for (int i = 0; i < sequences.size() && rank > 0; i++) {
            staging.fill(sequences.get(i).adapter(), sequences.get(i).tokens().length);
        }
        staging.fill(-1, rank > 0 ? padding : 0);
    }

    private void layWanted(List<SequenceStep> sequences, int padding) {
        wanted = staging.part();
        wantedRows = 0;
        int row = 0;
        for (int i = 0; i < sequences.size(); i++) {
            SequenceStep sequence = sequences.get(i);
            for (int t = sequence.logitsFrom(); t < sequence.tokens().length; t++) {
                staging.put(row + t);
                wantedRows++;
            }
            row += sequence.tokens().length;
        }
        for (int i = 0; i < padding; i++) {
            staging.put(row++);
            wantedRows++;
        }
    }

    private void laySlots(List<SequenceStep> sequences, int group) {
        int blockTokens = groups.get(group).blockTokens();
        slotAddresses[group] = staging.part();
        for (int i = 0; i < sequences.size(); i++) {
            SequenceStep sequence = sequences.get(i);
            int[] table = sequence.blockTables()[group];
            for (int t = 0; t < sequence.tokens().length; t++) {
                int position = sequence.firstPosition() + t;
                staging.put(table[position / blockTokens] * blockTokens + position % blockTokens);
            }
        }
    }

    /** Only as wide as this step's longest sequence needs it: most steps copy little. */
    private int longestTable(List<SequenceStep> sequences, int group) {
        int width = 0;
        for (int i = 0; i < sequences.size(); i++) {
            width = Math.max(width, blocks(sequences.get(i), groups.get(group).blockTokens()));
        }
        return width;
    }

    private int longestTable(StepGraphs.Bucket bucket, int group) {
        int positions = Math.min(limits.positions(), bucket.partitions() * partition);
        return Math.ceilDiv(positions, groups.get(group).blockTokens());
    }

    private void layTables(List<SequenceStep> sequences, int group, int width, int padding) {
        int blockTokens = groups.get(group).blockTokens();
        tableAddresses[group] = staging.part();
        tableWidths[group] = width;
        for (int i = 0; i < sequences.size(); i++) {
            int own = blocks(sequences.get(i), blockTokens);
            staging.put(sequences.get(i).blockTables()[group], 0, own);
            staging.fill(-1, width - own);
        }
        staging.fill(-1, padding * width);
    }

    private static int blocks(SequenceStep sequence, int blockTokens) {
        return Math.ceilDiv(sequence.firstPosition() + sequence.tokens().length, blockTokens);
    }

    private int partitions(List<SequenceStep> sequences, KvGroup group) {
        int most = 1;
        int split = 0;
        for (int i = 0; i < sequences.size() && split < slots; i++) {
            SequenceStep sequence = sequences.get(i);
            if (sequence.tokens().length == 1) {
                int position = sequence.firstPosition();
                int first = group.firstVisible(position) / partition;
                most = Math.max(most, position / partition - first + 1);
                split++;
            }
        }
        return most;
    }

    private int partitions(StepGraphs.Bucket bucket, KvGroup group) {
        int window = group.window();
        return window == 0
                ? bucket.partitions()
                : Math.min(bucket.partitions(), Math.ceilDiv(window, partition) + 1);
    }

    private void layTiles(List<SequenceStep> sequences, int kind, int padding) {
        tileAddresses[kind] = staging.part();
        tileCounts[kind] = 0;
        tileTokens[kind] = 0;
        int row = 0;
        int split = 0;
        for (int i = 0; i < sequences.size(); i++) {
            SequenceStep sequence = sequences.get(i);
            int length = sequence.tokens().length;
            boolean alone = length == 1 && split < slots;
            for (int t = 0; t < length; t += rowsPerTile[kind]) {
                staging.put(i);
                staging.put(row + t);
                int tile = Math.min(rowsPerTile[kind], length - t);
                tileTokens[kind] = Math.max(tileTokens[kind], tile);
                staging.put(tile);
                staging.put(sequence.firstPosition() + t);
                staging.put(alone ? split : -1);
                tileCounts[kind]++;
            }
            split += alone ? 1 : 0;
            row += length;
        }
        for (int i = 0; i < padding; i++) {
            layEmptyTile(row++);
            tileCounts[kind]++;
        }
    }

    private void layEmptyTile(int row) {
        staging.put(0);
        staging.put(row);
        staging.put(0);
        staging.put(0);
        staging.put(-1);
    }

    /** Everything of the plan that kernels get as arguments; rewritten by each call. */
    long[] layout() {
        int at = 0;
        layout[at++] = rows;
        layout[at++] = wantedRows;
        layout[at++] = tokens;
        layout[at++] = positions;
        layout[at++] = wanted;
        layout[at++] = adapters;
        layout[at++] = rank;
        for (int group = 0; group < groups.size(); group++) {
            layout[at++] = slotAddresses[group];
            layout[at++] = tableAddresses[group];
            layout[at++] = (long) tableWidths[group] << 32 | partitions[group];
        }
        for (int kind = 0; kind < rowsPerTile.length; kind++) {
            layout[at++] = tileAddresses[kind];
            layout[at++] = tileCounts[kind];
            layout[at++] = tileTokens[kind];
        }
        return layout;
    }

    void send(Device device, DeviceStream stream) {
        staging.send(device, stream);
    }

    int rows() {
        return rows;
    }

    int wantedRows() {
        return wantedRows;
    }

    long tokens() {
        return tokens;
    }

    long wanted() {
        return wanted;
    }

    /** int32 {@code [rows]}: slots of adapters, -1 for none; nothing where {@link #rank} is 0. */
    long adapters() {
        return adapters;
    }

    /** At least what the step's adapters have, a power of two; 0 where there are none. */
    int rank() {
        return rank;
    }

    /** Points the rows of a layer to what belongs to its group and its kind of tiles. */
    void point(Operations.AttentionRows target, int group, int kind) {
        target.positions = positions;
        target.slots = slotAddresses[group];
        target.tables = tableAddresses[group];
        target.tableWidth = tableWidths[group];
        target.tiles = tileAddresses[kind];
        target.tileCount = tileCounts[kind];
        target.tileTokens = tileTokens[kind];
        target.partitions = partitions[group];
    }
}
