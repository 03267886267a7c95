package dev.cairn.core.testing;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.cache.BlockBytes;
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
import dev.cairn.ports.cache.TierHoldings;
import dev.cairn.ports.cache.TierRates;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.Timers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/**
 * A tier whose device moves one block after the other at a pace that the test sets, in virtual
 * time. What it holds outlives the driver: {@link #attach} lets it go on in another run.
 */
public final class ThrottledTier implements BlockTier {

    private final String name;
    private final int capacity;
    private final Map<BlockKey, Held> held = new LinkedHashMap<>();
    private final Set<BlockKey> pinned = new HashSet<>();
    private final Set<BlockKey> heldBack = new HashSet<>();

    private Timers timers;
    private LongSupplier clock;
    private double nanosPerByte = 1;
    private Function<BlockKey, Fate> fates = _ -> Fate.GOOD;
    private boolean lends;
    private boolean lendsToReaders;
    private CountedLeases rooms;
    private int lent;
    private long largest = 1;
    private long leastReadBytes = 1;
    private Departures departures = (_, _) -> {};
    private long freeAt;
    private long hits;
    private long misses;
    private long damaged;
    private long stored;
    private long evicted;

    /**
     * @param capacity blocks; the oldest goes first
     */
    public ThrottledTier(String name, int capacity) {
        this.name = name;
        this.capacity = capacity;
    }

    /** What happens to a read. */
    public enum Fate {
        GOOD,
        /** A bit flips in the store. */
        FLIPPED,
        FAILS,
        BUSY,
        /** No answer comes before an hour has gone by. */
        STALLS
    }

    /** Goes on under another driver. */
    public ThrottledTier attach(VirtualDriver driver) {
        timers = driver;
        clock = driver::nanos;
        freeAt = 0;
        return this;
    }

    public void pace(double nanosForAByte) {
        nanosPerByte = nanosForAByte;
    }

    public void fate(Function<BlockKey, Fate> ofReads) {
        fates = ofReads;
    }

    /** Loses blocks, and tells nobody. */
    public void forget(Consumer<List<BlockKey>> chooser) {
        List<BlockKey> keys = new ArrayList<>(held.keySet());
        chooser.accept(keys);
        held.keySet().retainAll(keys);
    }

    /** Has blocks that another one holds. */
    public void copy(ThrottledTier from, List<BlockKey> keys) {
        for (BlockKey key : keys) {
            if (held.size() < capacity) {
                Held block = from.held.get(key);
                held.put(key, block);
                largest = Math.max(largest, block.bytes.length);
            }
        }
    }

    public List<BlockKey> keys() {
        return List.copyOf(held.keySet());
    }

    /** Changes what every block holds, and its checksums with it: nobody sees that it is wrong. */
    public void rewrite(Consumer<byte[]> change) {
        for (Held block : held.values()) {
            change.accept(block.bytes);
            for (int layer = 0; layer < block.layout.layers(); layer++) {
                CRC32C checksum = new CRC32C();
                int start = (int) block.layout.sliceOffset(layer);
                checksum.update(block.bytes, start, (int) block.layout.sliceBytes());
                block.checksums[layer] = (int) checksum.getValue();
            }
        }
    }

    public int size() {
        return held.size();
    }

    /** Lends to transports what it holds where it lies, instead of being read. */
    public ThrottledTier lending() {
        lends = true;
        return this;
    }

    /** The same to readers of this process; takes no time. */
    public ThrottledTier lendingToReaders() {
        lendsToReaders = true;
        return this;
    }

    @Override
    public Optional<BlockBytes> lend(BlockKey key, KvLayout layout, Duration atMost) {
        Held block = lends ? held.get(key) : null;
        return block == null ? Optional.empty() : Optional.of(copyOf(block));
    }

    /**
     * Lets the tier have room for blocks that come; {@link CountedLeases#lent} says how much is
     * out.
     */
    public ThrottledTier offering(CountedLeases memory) {
        rooms = memory;
        return this;
    }

    @Override
    public Optional<MemoryLease> room(BlockKey key, KvLayout layout, String tenant) {
        return Optional.ofNullable(rooms).map(memory -> memory.tryLease(layout.blockBytes()));
    }

    /** Blocks of another fate than {@code GOOD} and {@code FLIPPED} must be read. */
    @Override
    public Optional<BlockBytes> borrow(BlockKey key, KvLayout layout) {
        Held block = lendsToReaders ? held.get(key) : null;
        Fate fate = block == null ? Fate.FAILS : fates.apply(key);
        if (fate != Fate.GOOD && fate != Fate.FLIPPED) {
            return Optional.empty();
        }
        if (fate == Fate.FLIPPED) {
            block.bytes[block.bytes.length / 2] ^= 4;
        }
        return Optional.of(copyOf(block));
    }

    private BlockBytes copyOf(Held block) {
        lent++;
        MemorySegment bytes =
                Arena.ofAuto()
                        .allocate(block.bytes.length, 64)
                        .copyFrom(MemorySegment.ofArray(block.bytes));
        MemoryLease lease =
                new MemoryLease() {
                    @Override
                    public MemorySegment segment() {
                        return bytes;
                    }

                    @Override
                    public void close() {
                        lent--;
                    }
                };
        return new BlockBytes(block.layout, lease, block.checksums.clone());
    }

    /** Blocks that were lent and have not come back. */
    public int lent() {
        return lent;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long capacityBytes() {
        return capacity * largest;
    }

    @Override
    public long usedBytes() {
        return held.values().stream().mapToLong(block -> block.bytes.length).sum();
    }

    @Override
    public TierRates rates() {
        return new TierRates(0, 0, 0);
    }

    @Override
    public TierCounts counts() {
        return new TierCounts(held.size(), hits, misses, stored, evicted, damaged, 0, 0, 0);
    }

    @Override
    public boolean contains(BlockKey key) {
        return held.containsKey(key);
    }

    @Override
    public void put(List<BlockWrite> blocks, PutOutcomes outcomes) {
        for (int i = 0; i < blocks.size(); i++) {
            BlockWrite write = blocks.get(i);
            int index = i;
            later(write.block().layout().blockBytes(), () -> outcomes.stored(index, store(write)));
        }
    }

    private PutOutcome store(BlockWrite write) {
        if (held.containsKey(write.key())) {
            return PutOutcome.PRESENT;
        }
        if (held.size() == capacity) {
            Optional<BlockKey> oldest =
                    held.keySet().stream().filter(key -> !pinned.contains(key)).findFirst();
            if (oldest.isEmpty()) {
                return PutOutcome.FULL;
            }
            held.remove(oldest.get());
            departures.left(oldest.get(), Departures.Reason.EVICTED);
            evicted++;
        }
        BlockBytes block = write.block();
        byte[] bytes = block.bytes().segment().toArray(ValueLayout.JAVA_BYTE);
        largest = Math.max(largest, bytes.length);
        held.put(
                write.key(),
                new Held(
                        block.layout(),
                        bytes,
                        block.sliceChecksums().clone(),
                        write.tenant(),
                        clock.getAsLong()));
        stored++;
        return PutOutcome.STORED;
    }

    @Override
    public boolean readsSlices() {
        return true;
    }

    @Override
    public long leastReadBytes() {
        return leastReadBytes;
    }

    /** It is asked for no less. */
    public void leastReadBytes(long bytes) {
        leastReadBytes = bytes;
    }

    @Override
    public void get(List<BlockRead> blocks, GetOutcomes outcomes) {
        for (int i = 0; i < blocks.size(); i++) {
            BlockRead read = blocks.get(i);
            int index = i;
            Fate fate = fates.apply(read.key());
            if (fate == Fate.BUSY) {
                outcomes.ended(index, GetOutcome.BUSY);
            } else if (fate == Fate.STALLS) {
                timers.schedule(
                        clock.getAsLong() + Duration.ofHours(1).toNanos(),
                        () -> outcomes.ended(index, GetOutcome.FAILED));
            } else {
                later(read.bytes(), () -> outcomes.ended(index, read(read, fate)));
            }
        }
    }

    private GetOutcome read(BlockRead read, Fate fate) {
        Held block = held.get(read.key());
        if (block == null) {
            misses++;
            return GetOutcome.ABSENT;
        }
        if (fate == Fate.FAILS) {
            return GetOutcome.FAILED;
        }
        if (fate == Fate.FLIPPED) {
            block.bytes[block.bytes.length / 2] ^= 4;
        }
        MemorySegment target = read.target().segment();
        int from = (int) read.layout().sliceOffset(read.firstLayer());
        MemorySegment.copy(block.bytes, from, target, ValueLayout.JAVA_BYTE, 0, (int) read.bytes());
        for (int layer = read.firstLayer(); layer < read.firstLayer() + read.layers(); layer++) {
            int start = (int) read.layout().sliceOffset(layer);
            CRC32C checksum = new CRC32C();
            checksum.update(block.bytes, start, (int) read.layout().sliceBytes());
            if ((int) checksum.getValue() != block.checksums[layer]) {
                held.remove(read.key());
                departures.left(read.key(), Departures.Reason.DAMAGED);
                damaged++;
                return GetOutcome.DAMAGED;
            }
            read.sliceChecksums()[layer] = block.checksums[layer];
        }
        hits++;
        return GetOutcome.FOUND;
    }

    private void later(long bytes, Runnable done) {
        freeAt = Math.max(freeAt, clock.getAsLong()) + (long) (bytes * nanosPerByte);
        timers.schedule(freeAt, done);
    }

    @Override
    public boolean hold(BlockKey key, Duration atMost) {
        if (atMost.isZero()) {
            heldBack.remove(key);
        } else if (held.containsKey(key)) {
            heldBack.add(key);
        }
        return held.containsKey(key);
    }

    /** Blocks that somebody holds and has not let go; here no hold runs out. */
    public int holds() {
        return heldBack.size();
    }

    @Override
    public boolean pin(BlockKey key, boolean stays) {
        if (held.containsKey(key) && stays) {
            pinned.add(key);
        } else {
            pinned.remove(key);
        }
        return held.containsKey(key);
    }

    @Override
    public TierHoldings holdings() {
        Map<String, Long> bytes = new HashMap<>();
        held.values()
                .forEach(each -> bytes.merge(each.tenant, (long) each.bytes.length, Long::sum));
        return new TierHoldings(pinned.size(), bytes);
    }

    @Override
    public void remove(List<BlockKey> keys, Completion<Integer> removed) {
        int before = held.size();
        keys.forEach(held::remove);
        pinned.retainAll(held.keySet());
        removed.completed(before - held.size());
    }

    @Override
    public void clear(BlockSelection selection, Completion<Integer> removed) {
        int before = held.size();
        held.entrySet()
                .removeIf(
                        e ->
                                selection.selects(
                                        e.getKey().model(),
                                        e.getValue().tenant,
                                        e.getValue().storedAt / 1_000_000));
        pinned.retainAll(held.keySet());
        removed.completed(before - held.size());
    }

    @Override
    public void entries(Consumer<BlockEntry> each) {
        held.forEach(
                (key, block) ->
                        each.accept(
                                new BlockEntry(
                                        key, block.layout, block.tenant, block.storedAt, false)));
    }

    @Override
    public void listen(Departures listener) {
        departures = listener;
    }

    @Override
    public void close() {
        held.clear();
    }

    private record Held(
            KvLayout layout, byte[] bytes, int[] checksums, String tenant, long storedAt) {}
}
