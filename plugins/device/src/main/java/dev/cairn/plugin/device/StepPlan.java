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
    private final Staging staging;
    private final long[] slotAddresses;
    private final long[] tableAddresses;
    private final int[] tableWidths;
    private final long[] tileAddresses;
    private final int[] tileCounts;
    private final int[] partitions;
    private long tokens;
    private long positions;
    private long wanted;
    private int rows;
    private int wantedRows;

    /**
     * @param rowsPerTile tokens in a tile, for each kind of attention of the model
     * @param partition positions whose attention is computed apart
     * @param slots rows whose partial results there is room for
     */
    StepPlan(
            Device device,
            StepLimits limits,
            List<KvGroup> groups,
            int[] rowsPerTile,
            int partition,
            int slots) {
        this.limits = limits;
        this.groups = groups;
        this.rowsPerTile = rowsPerTile;
        this.partition = partition;
        this.slots = slots;
        staging = Staging.allocate(device, bytes(limits, groups, rowsPerTile.length));
        slotAddresses = new long[groups.size()];
        tableAddresses = new long[groups.size()];
        tableWidths = new int[groups.size()];
        tileAddresses = new long[rowsPerTile.length];
        tileCounts = new int[rowsPerTile.length];
        partitions = new int[groups.size()];
    }

    static long bytes(StepLimits limits, List<KvGroup> groups, int tileKinds) {
        long rows = 4L * limits.tokens() * (2 + groups.size() + (long) TILE_INTS * tileKinds);
        long tables = 0;
        for (KvGroup group : groups) {
            tables +=
                    4L * limits.sequences() * Math.ceilDiv(limits.positions(), group.blockTokens());
        }
        return rows + tables + 4L * limits.logitRows() + 16L * (4 + 2L * groups.size() + tileKinds);
    }

    /** Lays out a batch that {@link BatchRules} has found good. */
    void lay(StepBatch batch) {
        List<SequenceStep> sequences = batch.sequences();
        staging.clear();
        rows = batch.tokens();
        tokens = staging.part();
        for (int i = 0; i < sequences.size(); i++) {
            staging.put(sequences.get(i).tokens(), 0, sequences.get(i).tokens().length);
        }
        positions = staging.part();
        for (int i = 0; i < sequences.size(); i++) {
            SequenceStep sequence = sequences.get(i);
            for (int t = 0; t < sequence.tokens().length; t++) {
                staging.put(sequence.firstPosition() + t);
            }
        }
        layWanted(sequences);
        for (int group = 0; group < groups.size(); group++) {
            laySlots(sequences, group);
            layTables(sequences, group);
            partitions[group] = partitions(sequences, groups.get(group));
        }
        for (int kind = 0; kind < rowsPerTile.length; kind++) {
            layTiles(sequences, kind);
        }
    }

    private void layWanted(List<SequenceStep> sequences) {
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
    private void layTables(List<SequenceStep> sequences, int group) {
        int blockTokens = groups.get(group).blockTokens();
        int width = 0;
        for (int i = 0; i < sequences.size(); i++) {
            width = Math.max(width, blocks(sequences.get(i), blockTokens));
        }
        tableAddresses[group] = staging.part();
        tableWidths[group] = width;
        for (int i = 0; i < sequences.size(); i++) {
            int own = blocks(sequences.get(i), blockTokens);
            staging.put(sequences.get(i).blockTables()[group], 0, own);
            for (int rest = own; rest < width; rest++) {
                staging.put(-1);
            }
        }
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

    private void layTiles(List<SequenceStep> sequences, int kind) {
        tileAddresses[kind] = staging.part();
        tileCounts[kind] = 0;
        int row = 0;
        int split = 0;
        for (int i = 0; i < sequences.size(); i++) {
            SequenceStep sequence = sequences.get(i);
            int length = sequence.tokens().length;
            boolean alone = length == 1 && split < slots;
            for (int t = 0; t < length; t += rowsPerTile[kind]) {
                staging.put(i);
                staging.put(row + t);
                staging.put(Math.min(rowsPerTile[kind], length - t));
                staging.put(sequence.firstPosition() + t);
                staging.put(alone ? split : -1);
                tileCounts[kind]++;
            }
            split += alone ? 1 : 0;
            row += length;
        }
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

    /** Points the rows of a layer to what belongs to its group. */
    void point(Operations.AttentionRows target, int group) {
        target.positions = positions;
        target.slots = slotAddresses[group];
        target.tables = tableAddresses[group];
        target.tableWidth = tableWidths[group];
    }

    long tiles(int kind) {
        return tileAddresses[kind];
    }

    int tileCount(int kind) {
        return tileCounts[kind];
    }

    /** Partitions of the longest row that has a slot. */
    int partitions(int group) {
        return partitions[group];
    }
}
