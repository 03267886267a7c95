package dev.cairn.storage.slots;

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
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * A tier whose blocks lie in slots: everything but where the bytes are. Puts and gets wait in
 * bounded queues for the tier's own threads; the lock is held for looking up and deciding, never
 * while bytes move.
 *
 * <p>Threads: any.
 */
public abstract class SlotTier implements BlockTier, SlotTable.Watcher {

    /** Bytes of blocks whose reads are told of together. */
    private static final long SETTLED_TOGETHER = 512 << 10;

    private static final Completion<Integer> NOBODY =
            new Completion<>() {
                @Override
                public void completed(Integer result) {}

                @Override
                public void failed(Throwable failure) {}
            };

    private final String name;
    private final Clock clock;
    private final TierMeters meters;
    private final WorkQueue<BlockRead, GetOutcomes> reads;
    private final WorkQueue<BlockWrite, PutOutcomes> writes;
    private final SlotTable table;
    private final long capacityBytes;
    private final Alert damage;
    private Departures departures;

    /** Guards the table and the counts; never held while bytes move. */
    protected final Object lock = new Object();

    /**
     * @param shape extents and their size
     * @param slotAlignment slots are multiples of it
     */
    @SuppressWarnings("this-escape") // The threads start in start(), after the subclass is made.
    protected SlotTier(
            String name,
            TierShape shape,
            long slotAlignment,
            Retention retention,
            Clock clock,
            TierMeters meters) {
        this.name = name;
        this.clock = clock;
        this.meters = meters;
        this.capacityBytes = shape.extents() * shape.extentBytes();
        this.table =
                new SlotTable(shape.extents(), shape.extentBytes(), slotAlignment, retention, this);
        this.damage = new Alert("tier " + name + ": damaged blocks");
        this.reads =
                new WorkQueue<>(
                        name + "-read",
                        shape.queueBlocks(),
                        shape.readShare(),
                        shape.readThreads(),
                        read -> read.layout().blockBytes(),
                        this::readAll);
        this.writes =
                new WorkQueue<>(
                        name + "-write",
                        shape.queueBlocks(),
                        shape.writeShare(),
                        shape.writeThreads(),
                        write -> write.block().layout().blockBytes(),
                        this::writeAll);
    }

    /** To be called when the subclass is ready for its first block. */
    protected final void start() {
        meters.queueIs(() -> reads.queued() + writes.queued());
        meters.pinnedIs(() -> holdings().pinnedBlocks());
        reads.start();
        writes.start();
    }

    /** Stores blocks: reserves a slot of each, moves the bytes, settles. Throws nothing. */
    protected abstract void writeAll(Worker worker, Batch<BlockWrite, PutOutcomes> batch);

    /** Slots of earlier batches may hold other blocks by now. */
    protected void batchBegins(Worker worker) {}

    /**
     * Moves one block's bytes to its reader and verifies them. Throws nothing.
     *
     * @param slots of the batch's blocks, all of them kept as they are until the batch is done;
     *     {@link SlotTable#NONE} where the block is not here
     * @param i the block to read
     */
    protected abstract GetOutcome read(
            Worker worker, Batch<BlockRead, GetOutcomes> batch, int[] slots, int i);

    /** A block is to be forgotten for good; called under the lock, while the slot describes it. */
    protected abstract void forgetting(int slot);

    /** What forgetting has begun is done when the completion runs. */
    protected abstract void afterForgetting(int count, Completion<Integer> done);

    /** Bytes of a block's description on the device. */
    protected int recordBytes(BlockWrite write) {
        return 0;
    }

    /** The table; guarded by {@link #lock}. */
    protected final SlotTable table() {
        return table;
    }

    protected final Clock clock() {
        return clock;
    }

    protected final TierMeters meters() {
        return meters;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final long capacityBytes() {
        return capacityBytes;
    }

    @Override
    public final long usedBytes() {
        synchronized (lock) {
            return table.usedBytes();
        }
    }

    /** Bytes that a tenant holds now. */
    public final long usedBy(String tenant) {
        synchronized (lock) {
            return table.usedBy(tenant);
        }
    }

    @Override
    public final TierRates rates() {
        synchronized (lock) {
            return meters.rates();
        }
    }

    @Override
    public final TierCounts counts() {
        int queued = reads.queued() + writes.queued();
        synchronized (lock) {
            return meters.counts(table.blocks(), queued);
        }
    }

    @Override
    public final TierHoldings holdings() {
        synchronized (lock) {
            return new TierHoldings(table.pinnedBlocks(), table.usedByTenant());
        }
    }

    @Override
    public final boolean contains(BlockKey key) {
        synchronized (lock) {
            int slot = table.find(key);
            return slot != SlotTable.NONE && !table.hasExpired(slot, clock.epochMillis());
        }
    }

    @Override
    public final void put(List<BlockWrite> blocks, PutOutcomes outcomes) {
        int taken = writes.offer(blocks, outcomes);
        for (int i = taken; i < blocks.size(); i++) {
            synchronized (lock) {
                meters.dropped();
            }
            outcomes.stored(i, PutOutcome.BUSY);
        }
    }

    @Override
    public final boolean readsSlices() {
        return true;
    }

    @Override
    public final void get(List<BlockRead> blocks, GetOutcomes outcomes) {
        int taken = reads.offer(blocks, outcomes);
        for (int i = taken; i < blocks.size(); i++) {
            synchronized (lock) {
                meters.dropped();
                meters.read(blocks.get(i), GetOutcome.BUSY, 0);
            }
            outcomes.ended(i, GetOutcome.BUSY);
        }
    }

    private void readAll(Worker worker, Batch<BlockRead, GetOutcomes> batch) {
        int[] slots = worker.slots();
        synchronized (lock) {
            long now = clock.epochMillis();
            for (int i = 0; i < batch.size(); i++) {
                BlockRead read = batch.block(i);
                slots[i] = table.acquire(read.key(), read.layout(), now);
            }
        }
        batchBegins(worker);
        int settled = 0;
        long unsettled = 0;
        for (int i = 0; i < batch.size(); i++) {
            long begin = clock.nanos();
            worker.outcomes()[i] =
                    slots[i] == SlotTable.NONE ? GetOutcome.ABSENT : read(worker, batch, slots, i);
            worker.nanos()[i] = clock.nanos() - begin;
            unsettled += batch.block(i).bytes();
            if (unsettled >= SETTLED_TOGETHER || i == batch.size() - 1) {
                settle(worker, batch, settled, i + 1);
                settled = i + 1;
                unsettled = 0;
            }
        }
    }

    /** Small blocks together: each step aside waits for the bytes that were just written. */
    private void settle(Worker worker, Batch<BlockRead, GetOutcomes> batch, int from, int to) {
        int forgotten = 0;
        synchronized (lock) {
            for (int i = from; i < to; i++) {
                GetOutcome outcome = worker.outcomes()[i];
                meters.read(batch.block(i), outcome, worker.nanos()[i]);
                forgotten += release(worker.slots()[i], outcome) ? 1 : 0;
            }
        }
        if (forgotten > 0) {
            afterForgetting(forgotten, NOBODY);
        }
        for (int i = from; i < to; i++) {
            GetOutcome outcome = worker.outcomes()[i];
            if (outcome == GetOutcome.DAMAGED) {
                damage.raise("%s was dropped; counted from now on".formatted(batch.block(i).key()));
            }
            batch.listener(i).ended(batch.index(i), outcome);
        }
    }

    /**
     * A slot was read; under the lock.
     *
     * @return whether its block was damaged and is forgotten
     */
    private boolean release(int slot, GetOutcome outcome) {
        if (slot == SlotTable.NONE) {
            return false;
        }
        boolean forgets = outcome == GetOutcome.DAMAGED && table.isReady(slot);
        if (forgets) {
            forgetting(slot);
            table.forget(slot, Departures.Reason.DAMAGED);
        }
        table.release(slot);
        return forgets;
    }

    /**
     * Holds a slice against its checksum, in the reader's memory, and reports it.
     *
     * @return whether it is what was stored
     */
    protected final boolean verify(
            Worker worker, int slot, Batch<BlockRead, GetOutcomes> batch, int i, int layer) {
        BlockRead read = batch.block(i);
        // The slot cannot change while it is being read, so its checksums are read without the
        // lock.
        int stored = table.checksum(slot, layer);
        int begin = (int) read.targetOffset(layer);
        ByteBuffer view = read.view();
        view.clear().position(begin).limit(begin + (int) read.layout().sliceBytes());
        worker.crc().reset();
        worker.crc().update(view);
        if ((int) worker.crc().getValue() != stored) {
            return false;
        }
        read.sliceChecksums()[layer] = stored;
        batch.listener(i).sliceArrived(batch.index(i), layer);
        return true;
    }

    /**
     * Finds a slot for a block; under the lock.
     *
     * @return a slot, or what {@link SlotTable#reserve} answers instead
     */
    protected final int reserve(BlockWrite write) {
        return reserve(
                write.key(),
                write.block().layout(),
                write.tenant(),
                write.block().sliceChecksums(),
                recordBytes(write));
    }

    /** The same by parts; under the lock. */
    protected final int reserve(
            BlockKey key, KvLayout layout, String tenant, int[] checksums, int recordBytes) {
        return table.reserve(
                key, layout, tenant, checksums, recordBytes, clock.epochMillis(), clock.nanos());
    }

    /** What a block without a slot is answered. */
    protected static PutOutcome refusal(int reserved) {
        return switch (reserved) {
            case SlotTable.PRESENT -> PutOutcome.PRESENT;
            case SlotTable.QUOTA -> PutOutcome.QUOTA;
            default -> PutOutcome.FULL;
        };
    }

    @Override
    public final boolean hold(BlockKey key, Duration atMost) {
        synchronized (lock) {
            int slot = table.find(key);
            if (slot != SlotTable.NONE) {
                table.hold(slot, !atMost.isZero(), clock.nanos() + atMost.toNanos());
            }
            return slot != SlotTable.NONE;
        }
    }

    @Override
    public final boolean pin(BlockKey key, boolean pinned) {
        synchronized (lock) {
            int slot = table.find(key);
            if (slot != SlotTable.NONE) {
                table.pin(slot, pinned);
                pinned(slot);
            }
            return slot != SlotTable.NONE;
        }
    }

    /** A block was pinned or is not any more; called under the lock. */
    protected void pinned(int slot) {}

    @Override
    public final void remove(List<BlockKey> keys, Completion<Integer> removed) {
        int count = 0;
        synchronized (lock) {
            for (BlockKey key : keys) {
                int slot = table.find(key);
                if (slot != SlotTable.NONE) {
                    forgetting(slot);
                    table.forget(slot);
                    count++;
                }
            }
        }
        afterForgetting(count, removed);
    }

    @Override
    public final void clear(BlockSelection selection, Completion<Integer> removed) {
        int count = 0;
        for (int extent = 0; extent < table.extents(); extent++) {
            count += forgetAll(extent, slot -> isSelected(selection, table.entry(slot)));
        }
        afterForgetting(count, removed);
    }

    private static boolean isSelected(BlockSelection selection, BlockEntry entry) {
        return selection.selects(entry.key().model(), entry.tenant(), entry.storedEpochMillis());
    }

    private int forgetAll(int extent, IntPredicate which) {
        int count = 0;
        synchronized (lock) {
            for (int slot : table.readySlots(extent)) {
                if (which.test(slot)) {
                    forgetting(slot);
                    table.forget(slot);
                    count++;
                }
            }
        }
        return count;
    }

    @Override
    public final void entries(Consumer<BlockEntry> each) {
        for (int extent = 0; extent < table.extents(); extent++) {
            BlockEntry[] entries;
            synchronized (lock) {
                int[] ready = table.readySlots(extent);
                entries = new BlockEntry[ready.length];
                for (int i = 0; i < ready.length; i++) {
                    entries[i] = table.entry(ready[i]);
                }
            }
            for (BlockEntry entry : entries) {
                each.accept(entry);
            }
        }
    }

    @Override
    public final List<BlockEntry> hottest(long bytes) {
        List<Used> used = new ArrayList<>();
        for (int extent = 0; extent < table.extents(); extent++) {
            synchronized (lock) {
                for (int slot : table.readySlots(extent)) {
                    used.add(new Used(slot, table.generation(slot), table.lastUse(slot)));
                }
            }
        }
        used.sort(Comparator.comparingLong(Used::lastUse).reversed());
        List<BlockEntry> hottest = new ArrayList<>();
        long room = bytes;
        for (Used each : used) {
            synchronized (lock) {
                if (table.generation(each.slot) != each.generation || !table.isReady(each.slot)) {
                    continue;
                }
                BlockEntry entry = table.entry(each.slot);
                room -= entry.layout().blockBytes();
                if (room < 0) {
                    break;
                }
                hottest.add(entry);
            }
        }
        return hottest;
    }

    private record Used(int slot, int generation, long lastUse) {}

    @Override
    public final void listen(Departures listener) {
        synchronized (lock) {
            departures = listener;
        }
    }

    /** Tells what left; keys are made only where somebody listens. */
    @Override
    public final void leaving(int slot, Departures.Reason reason) {
        if (reason != Departures.Reason.DAMAGED) {
            meters.evicted();
            departing(slot);
        }
        if (departures != null) {
            departures.left(table.entry(slot).key(), reason);
        }
    }

    /** A block leaves by itself, without {@link #forgetting}; called under the lock. */
    protected void departing(int slot) {}

    /** Ends the threads when all that was queued is done. */
    protected final void finish() {
        writes.close();
        reads.close();
    }
}
