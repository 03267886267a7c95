package sample.tier;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.cache.TierCounts;
import dev.cairn.ports.cache.TierRates;
import dev.cairn.ports.system.Completion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** Keeps blocks in arrays and forgets the oldest that nobody has pinned. */
final class SieveTier implements BlockTier {

    private final long capacity;
    private final Map<BlockKey, Entry> entries = new LinkedHashMap<>();
    private Departures departures = (key, reason) -> {};
    private long used;
    private long hits;
    private long misses;
    private long stored;
    private long evicted;
    private long damaged;

    SieveTier(long capacity) {
        this.capacity = capacity;
    }

    private static final class Entry {
        private final KvLayout layout;
        private final byte[] bytes;
        private final int[] checksums;
        private final String tenant;
        private final long storedAt = System.currentTimeMillis();
        private boolean pinned;
        private long heldUntil = System.nanoTime();

        Entry(BlockWrite write) {
            layout = write.block().layout();
            bytes =
                    write.block()
                            .bytes()
                            .segment()
                            .asSlice(0, layout.blockBytes())
                            .toArray(ValueLayout.JAVA_BYTE);
            checksums = write.block().sliceChecksums().clone();
            tenant = write.tenant();
        }

        boolean mustStay() {
            return pinned || heldUntil - System.nanoTime() > 0;
        }
    }

    @Override
    public String name() {
        return "sieve";
    }

    @Override
    public long capacityBytes() {
        return capacity;
    }

    @Override
    public synchronized long usedBytes() {
        return used;
    }

    @Override
    public TierRates rates() {
        return new TierRates(1e9, 1e9, 1000);
    }

    @Override
    public synchronized TierCounts counts() {
        return new TierCounts(entries.size(), hits, misses, stored, evicted, damaged, 0, 0, 0);
    }

    @Override
    public synchronized boolean contains(BlockKey key) {
        return entries.containsKey(key);
    }

    @Override
    public synchronized void put(List<BlockWrite> blocks, PutOutcomes outcomes) {
        for (int i = 0; i < blocks.size(); i++) {
            outcomes.stored(i, put(blocks.get(i)));
        }
    }

    private PutOutcome put(BlockWrite write) {
        if (entries.containsKey(write.key())) {
            return PutOutcome.PRESENT;
        }
        long bytes = write.block().layout().blockBytes();
        if (!makeRoom(bytes)) {
            return PutOutcome.FULL;
        }
        entries.put(write.key(), new Entry(write));
        used += bytes;
        stored++;
        return PutOutcome.STORED;
    }

    private boolean makeRoom(long bytes) {
        Iterator<Map.Entry<BlockKey, Entry>> oldest = entries.entrySet().iterator();
        while (used + bytes > capacity && oldest.hasNext()) {
            Map.Entry<BlockKey, Entry> entry = oldest.next();
            if (!entry.getValue().mustStay()) {
                used -= entry.getValue().bytes.length;
                oldest.remove();
                evicted++;
                departures.left(entry.getKey(), Departures.Reason.EVICTED);
            }
        }
        return used + bytes <= capacity;
    }

    @Override
    public synchronized void get(List<BlockRead> blocks, GetOutcomes outcomes) {
        for (int i = 0; i < blocks.size(); i++) {
            GetOutcome outcome = get(blocks.get(i));
            if (outcome == GetOutcome.FOUND) {
                hits++;
            } else {
                misses++;
            }
            outcomes.ended(i, outcome);
        }
    }

    private GetOutcome get(BlockRead read) {
        Entry entry = entries.get(read.key());
        if (entry == null || !entry.layout.equals(read.layout())) {
            return GetOutcome.ABSENT;
        }
        read.target().segment().copyFrom(MemorySegment.ofArray(entry.bytes));
        for (int layer = 0; layer < entry.checksums.length; layer++) {
            read.sliceChecksums()[layer] = entry.checksums[layer];
            CRC32C crc = new CRC32C();
            crc.update(
                    read.target()
                            .segment()
                            .asSlice(entry.layout.sliceOffset(layer), entry.layout.sliceBytes())
                            .asByteBuffer());
            if ((int) crc.getValue() != entry.checksums[layer]) {
                forget(read.key());
                damaged++;
                return GetOutcome.DAMAGED;
            }
        }
        return GetOutcome.FOUND;
    }

    @Override
    public synchronized boolean hold(BlockKey key, Duration atMost) {
        Entry entry = entries.get(key);
        if (entry != null) {
            entry.heldUntil = System.nanoTime() + atMost.toNanos();
        }
        return entry != null;
    }

    @Override
    public synchronized boolean pin(BlockKey key, boolean pinned) {
        Entry entry = entries.get(key);
        if (entry != null) {
            entry.pinned = pinned;
        }
        return entry != null;
    }

    @Override
    public synchronized void remove(List<BlockKey> keys, Completion<Integer> removed) {
        removed.completed((int) keys.stream().filter(this::forget).count());
    }

    @Override
    public synchronized void clear(BlockSelection selection, Completion<Integer> removed) {
        List<BlockKey> selected = new ArrayList<>();
        entries.forEach(
                (key, entry) -> {
                    if (selection.selects(key.model(), entry.tenant, entry.storedAt)) {
                        selected.add(key);
                    }
                });
        remove(selected, removed);
    }

    private boolean forget(BlockKey key) {
        Entry entry = entries.remove(key);
        if (entry != null) {
            used -= entry.bytes.length;
        }
        return entry != null;
    }

    @Override
    public synchronized void entries(Consumer<BlockEntry> each) {
        entries.forEach(
                (key, entry) ->
                        each.accept(
                                new BlockEntry(
                                        key,
                                        entry.layout,
                                        entry.tenant,
                                        entry.storedAt,
                                        entry.pinned)));
    }

    @Override
    public synchronized void listen(Departures listener) {
        departures = listener;
    }

    @Override
    public synchronized void close() {
        entries.clear();
        used = 0;
    }
}
