package dev.cairn.storage.memory;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ContiguousMemory;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.storage.slots.Alert;
import dev.cairn.storage.slots.Batch;
import dev.cairn.storage.slots.Share;
import dev.cairn.storage.slots.SizeClass;
import dev.cairn.storage.slots.SlotTable;
import dev.cairn.storage.slots.SlotTier;
import dev.cairn.storage.slots.TierMeters;
import dev.cairn.storage.slots.TierShape;
import dev.cairn.storage.slots.Worker;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;

/**
 * Blocks in host memory, in one slab. Puts and gets copy on the tier's own threads and make no
 * objects.
 *
 * <p>Threads: any.
 */
public final class MemoryTier extends SlotTier implements ContiguousMemory {

    public static final String NAME = "host";

    /** What a {@code MemoryLease} promises. */
    private static final long ALIGNMENT = 64;

    /** Before anything was measured: one core copies about so much. */
    private static final double FIRST_GUESS = 4e9;

    /** So that a second thread helps with calls of many blocks. */
    private static final Share SHARE = new Share(8, 16L << 20);

    /** In the place of a slot, for a block that contradicts itself; no answer of the table. */
    private static final int MISUSED = Integer.MIN_VALUE;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment slab;
    private final long extentBytes;

    /** Of each thread that writes: where the blocks of its batch go, and what became of them. */
    private final int[][] slotsOf;

    private final PutOutcome[][] outcomesOf;

    private final Alert misuse = new Alert("tier host: puts");

    /**
     * @throws IllegalArgumentException if the options contradict each other
     * @throws OutOfMemoryError if there is no such memory
     */
    public MemoryTier(MemoryOptions options, Clock clock, Telemetry telemetry) {
        super(
                NAME,
                shape(options),
                ALIGNMENT,
                options.retention(),
                clock,
                new TierMeters(NAME, telemetry, FIRST_GUESS));
        extentBytes = TierShape.extentBytes(options.bytes(), ALIGNMENT);
        slab = Slab.allocate(capacityBytes(), arena);
        slotsOf = new int[options.threads()][SHARE.blocks()];
        outcomesOf = new PutOutcome[options.threads()][SHARE.blocks()];
        start();
    }

    private static TierShape shape(MemoryOptions options) {
        long extentBytes = TierShape.extentBytes(options.bytes(), ALIGNMENT);
        return new TierShape(
                Math.toIntExact(options.bytes() / extentBytes),
                extentBytes,
                options.queueBlocks(),
                options.threads(),
                SHARE,
                options.threads(),
                SHARE);
    }

    /** Copying smaller slices costs a processor less than telling of them. */
    @Override
    public long leastReadBytes() {
        return 128 << 10;
    }

    /**
     * Slots of all are found, then all bytes moved, then all settled: every step aside waits until
     * the bytes written so far have left the processor, which small blocks feel.
     */
    @Override
    protected void writeAll(Worker worker, Batch<BlockWrite, PutOutcomes> batch) {
        for (int from = 0; from < batch.size(); ) {
            int to = reserve(worker, batch, from);
            write(worker, batch, from, to);
            from = to;
        }
    }

    /**
     * Finds slots, up to where those found before would have to be given up again.
     *
     * @return the end of what was decided
     */
    private int reserve(Worker worker, Batch<BlockWrite, PutOutcomes> batch, int from) {
        int[] slots = slotsOf[worker.number()];
        synchronized (lock) {
            for (int i = from; i < batch.size(); i++) {
                BlockWrite write = batch.block(i);
                boolean fits =
                        write.block().sliceChecksums().length == write.block().layout().layers();
                slots[i] = fits ? slotFor(write) : MISUSED;
                boolean refused = slots[i] == SlotTable.FULL || slots[i] == SlotTable.QUOTA;
                if (refused && i > from) {
                    return i;
                }
            }
        }
        return batch.size();
    }

    /** Under the lock. */
    private int slotFor(BlockWrite write) {
        if (write.block().bytes() instanceof SlabRoom room) {
            return room.claim(this, write) ? room.slot() : MISUSED;
        }
        return reserve(write);
    }

    /**
     * All bytes are moved before anything is settled: every step aside waits until what was written
     * so far has left the processor, which small blocks feel.
     */
    private void write(Worker worker, Batch<BlockWrite, PutOutcomes> batch, int from, int to) {
        int[] slots = slotsOf[worker.number()];
        PutOutcome[] outcomes = outcomesOf[worker.number()];
        long begin = clock().nanos();
        int moved = 0;
        for (int i = from; i < to; i++) {
            if (slots[i] == MISUSED) {
                misuse.raise("a block came with too few checksums, or in another one's room");
                outcomes[i] = PutOutcome.FAILED;
            } else {
                outcomes[i] = slots[i] < 0 ? refusal(slots[i]) : move(batch.block(i), slots[i]);
            }
            moved += outcomes[i] == PutOutcome.STORED ? 1 : 0;
        }
        long nanosEach = (clock().nanos() - begin) / Math.max(1, moved);
        synchronized (lock) {
            for (int i = from; i < to; i++) {
                settle(batch.block(i), slots[i], outcomes[i], nanosEach);
            }
        }
        for (int i = from; i < to; i++) {
            batch.listener(i).stored(batch.index(i), outcomes[i]);
        }
    }

    private PutOutcome move(BlockWrite write, int slot) {
        if (write.block().bytes() instanceof SlabRoom) {
            return PutOutcome.STORED; // they are there
        }
        try {
            long bytes = write.block().layout().blockBytes();
            MemorySegment.copy(write.block().bytes().segment(), 0, slab, offset(slot), bytes);
            return PutOutcome.STORED;
        } catch (IndexOutOfBoundsException | IllegalStateException e) {
            misuse.raise("a block's memory was too small or closed too early: " + e);
            return PutOutcome.FAILED;
        }
    }

    /** Under the lock. */
    private void settle(BlockWrite write, int slot, PutOutcome outcome, long nanos) {
        if (outcome == PutOutcome.STORED) {
            if (write.block().bytes() instanceof SlabRoom room) {
                table().checksums(slot, write.block().sliceChecksums());
                // read by others until its lease is closed
                table().acquire(slot);
                room.taken();
            }
            table().commit(slot);
            meters().wrote(outcome, write.block().layout().blockBytes(), nanos);
        } else {
            if (slot >= 0) {
                table().abort(slot);
            }
            meters().wrote(outcome, 0, 0);
        }
    }

    private long offset(int slot) {
        SlotTable table = table();
        return table.extentOf(slot) * extentBytes
                + table.placeOf(slot) * table.sizeClassOf(slot).slotBytes();
    }

    @Override
    protected GetOutcome read(
            Worker worker, Batch<BlockRead, GetOutcomes> batch, int[] slots, int i) {
        BlockRead read = batch.block(i);
        KvLayout layout = read.layout();
        long source = offset(slots[i]);
        try {
            // Slice by slice, so that the checksum finds the bytes in the processor's cache.
            int end = read.firstLayer() + read.layers();
            for (int layer = read.firstLayer(); layer < end; layer++) {
                MemorySegment.copy(
                        slab,
                        source + layout.sliceOffset(layer),
                        read.target().segment(),
                        read.targetOffset(layer),
                        layout.sliceBytes());
                if (!verify(worker, slots[i], batch, i, layer)) {
                    return GetOutcome.DAMAGED;
                }
            }
            return GetOutcome.FOUND;
        } catch (IllegalStateException e) {
            misuse.raise("a reader's memory was closed before its read had ended: " + e);
            return GetOutcome.FAILED;
        }
    }

    @Override
    public Optional<BlockBytes> lend(BlockKey key, KvLayout layout, Duration atMost) {
        synchronized (lock) {
            SlotTable table = table();
            int slot = table.acquire(key, layout, clock().epochMillis());
            if (slot == SlotTable.NONE) {
                return Optional.empty();
            }
            table.release(slot);
            table.hold(slot, true, clock().nanos() + atMost.toNanos());
            int generation = table.generation(slot);
            return Optional.of(lent(slot, layout, () -> returned(slot, generation)));
        }
    }

    @Override
    public Optional<BlockBytes> borrow(BlockKey key, KvLayout layout) {
        synchronized (lock) {
            int slot = table().acquire(key, layout, clock().epochMillis());
            if (slot == SlotTable.NONE) {
                return Optional.empty();
            }
            meters().borrowed();
            return Optional.of(lent(slot, layout, () -> released(slot)));
        }
    }

    @Override
    public MemorySegment memory() {
        return slab;
    }

    @Override
    public Optional<MemoryLease> room(BlockKey key, KvLayout layout, String tenant) {
        synchronized (lock) {
            int slot = reserve(key, layout, tenant, new int[layout.layers()], 0);
            return slot < 0
                    ? Optional.empty()
                    : Optional.of(
                            new SlabRoom(
                                    this,
                                    key,
                                    layout,
                                    slot,
                                    slab.asSlice(offset(slot), layout.blockBytes())));
        }
    }

    /** The lease of a room is closed: its block is one like others, or the room is free. */
    void left(SlabRoom room) {
        synchronized (lock) {
            if (room.isTaken()) {
                table().release(room.slot());
            } else {
                table().abort(room.slot());
            }
        }
    }

    /** What lies in a slot; under the lock. */
    private BlockBytes lent(int slot, KvLayout layout, Runnable returned) {
        int[] checksums = new int[layout.layers()];
        for (int layer = 0; layer < checksums.length; layer++) {
            checksums[layer] = table().checksum(slot, layer);
        }
        MemorySegment bytes = slab.asSlice(offset(slot), layout.blockBytes()).asReadOnly();
        return new BlockBytes(layout, new LentBytes(bytes, returned), checksums);
    }

    private void released(int slot) {
        synchronized (lock) {
            table().release(slot);
        }
    }

    /** Ends the hold that came with a loan, unless another block lies there by now. */
    private void returned(int slot, int generation) {
        synchronized (lock) {
            if (table().generation(slot) == generation && table().isReady(slot)) {
                table().hold(slot, false, 0);
            }
        }
    }

    @Override
    protected void forgetting(int slot) {}

    @Override
    protected void afterForgetting(int count, Completion<Integer> done) {
        done.completed(count);
    }

    @Override
    public void cut(int extent, SizeClass sizeClass, int count) {}

    /** What is lent must have come back: its memory is gone afterwards. */
    @Override
    public void close() {
        finish();
        arena.close();
    }
}
