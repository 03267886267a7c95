package dev.cairn.distribution.bench.index;

import dev.cairn.ports.system.RandomSource;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Stores, removals and look-ups of a trace over some workers, from a file of 64-bit numbers, least
 * byte first: magic, requests, records, workers, split; then for every record its kind (0 look-up,
 * 1 store, 2 removal), worker, the parent's id or -1, how many ids follow, and those.
 *
 * @param changes stores and removals, in order
 * @param lookups prefixes that are looked up
 */
public record IndexEvents(int workers, List<Change> changes, List<long[]> lookups) {

    private static final long MAGIC = 0x31304B56;
    private static final int HEADER = 5;
    private static final int RECORD = 4;
    private static final int MOST_WORKERS = 16_000;

    public IndexEvents {
        changes = List.copyOf(changes);
        lookups = List.copyOf(lookups);
    }

    /**
     * @param parent 0 for none
     */
    public record Change(boolean stores, int worker, long parent, long[] keys) {}

    /**
     * @throws IOException if it cannot be read, or holds something else; says where
     */
    public static IndexEvents read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            LongBuffer words =
                    channel.map(MapMode.READ_ONLY, 0, channel.size())
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .asLongBuffer();
            if (words.remaining() < HEADER || words.get(0) != MAGIC) {
                throw new IOException(file + " holds no index events");
            }
            return read(file, words);
        }
    }

    private static IndexEvents read(Path file, LongBuffer words) throws IOException {
        long records = words.get(2);
        long workers = words.get(3);
        if (workers < 1 || workers > MOST_WORKERS) {
            throw new IOException(file + " names " + workers + " workers; 1 to 16000 are possible");
        }
        words.position(HEADER);
        List<Change> changes = new ArrayList<>();
        List<long[]> lookups = new ArrayList<>();
        for (long record = 0; record < records; record++) {
            long count = words.remaining() < RECORD ? -1 : words.get(words.position() + 3);
            if (count < 0 || count > words.remaining() - RECORD) {
                throw new IOException("%s ends within record %d".formatted(file, record));
            }
            long kind = words.get();
            long worker = words.get();
            long parent = words.get();
            words.get();
            long[] keys = new long[(int) count];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = key(words.get());
            }
            if (kind < 0 || kind > 2 || worker < 0 || worker >= workers) {
                throw new IOException(
                        "%s record %d: kind %d of worker %d".formatted(file, record, kind, worker));
            }
            if (kind == 0) {
                lookups.add(keys);
            } else {
                changes.add(
                        new Change(kind == 1, (int) worker, parent == -1 ? 0 : key(parent), keys));
            }
        }
        return new IndexEvents((int) workers, changes, lookups);
    }

    /** Ids of the file are small; keys are scattered, as those of hashes are. */
    private static long key(long id) {
        long key = RandomSource.mix(id);
        return key == 0 ? 1 : key;
    }

    /** Blocks in all changes. */
    public long blockOperations() {
        return changes.stream().mapToLong(change -> change.keys().length).sum();
    }

    /** Blocks of the mean look-up. */
    public double meanLookup() {
        return lookups.stream().mapToInt(keys -> keys.length).average().orElse(0);
    }
}
