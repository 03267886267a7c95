package sample.tier;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.cache.TierRates;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Keeps blocks in arrays and forgets the oldest that nobody has pinned. */
final class SieveTier implements BlockTier {

    private final long capacity;
    private final Map<BlockKey, Entry> entries = new LinkedHashMap<>();
    private final Set<BlockKey> pinned = new HashSet<>();
    private long used;

    SieveTier(long capacity) {
        this.capacity = capacity;
    }

    private record Entry(byte[] bytes, int[] checksums) {}

    @Override
    public String name() {
        return "sieve";
    }

    @Override
    public long capacityBytes() {
        return capacity;
    }

    @Override
    public long usedBytes() {
        return used;
    }

    @Override
    public TierRates rates() {
        return new TierRates(1e9, 1e9, 1000);
    }

    @Override
    public boolean contains(BlockKey key) {
        return entries.containsKey(key);
    }

    @Override
    public void put(
            BlockKey key, BlockBytes block, String tenant, Completion<PutOutcome> done) {
        if (entries.containsKey(key)) {
            done.completed(PutOutcome.PRESENT);
            return;
        }
        long bytes = block.layout().blockBytes();
        if (!makeRoom(bytes)) {
            done.completed(PutOutcome.FULL);
            return;
        }
        byte[] copy = block.bytes().segment().asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
        entries.put(key, new Entry(copy, block.sliceChecksums().clone()));
        used += bytes;
        done.completed(PutOutcome.STORED);
    }

    private boolean makeRoom(long bytes) {
        Iterator<Map.Entry<BlockKey, Entry>> oldest = entries.entrySet().iterator();
        while (used + bytes > capacity && oldest.hasNext()) {
            Map.Entry<BlockKey, Entry> entry = oldest.next();
            if (!pinned.contains(entry.getKey())) {
                used -= entry.getValue().bytes().length;
                oldest.remove();
            }
        }
        return used + bytes <= capacity;
    }

    @Override
    public void get(
            BlockKey key, KvLayout layout, MemoryLease target, Completion<GetOutcome> done) {
        Entry entry = entries.get(key);
        if (entry == null) {
            done.completed(new GetOutcome.Absent());
            return;
        }
        target.segment().copyFrom(MemorySegment.ofArray(entry.bytes()));
        done.completed(
                new GetOutcome.Found(new BlockBytes(layout, target, entry.checksums().clone())));
    }

    @Override
    public void remove(List<BlockKey> keys, Completion<Integer> removed) {
        int count = 0;
        for (BlockKey key : keys) {
            Entry entry = entries.remove(key);
            if (entry != null) {
                used -= entry.bytes().length;
                count++;
            }
        }
        removed.completed(count);
    }

    @Override
    public void pin(BlockKey key, boolean wanted) {
        if (wanted) {
            pinned.add(key);
        } else {
            pinned.remove(key);
        }
    }

    @Override
    public void close() {
        entries.clear();
        used = 0;
    }
}
