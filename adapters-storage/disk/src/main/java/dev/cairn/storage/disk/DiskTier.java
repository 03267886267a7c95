package dev.cairn.storage.disk;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Blocks in segment files. What was reported as stored is there when the folder is opened again,
 * after whatever end; what is read was verified. A disk that is full, slow, read-only or damaged
 * costs hits and one line in the log.
 *
 * <p>Threads: any.
 */
public final class DiskTier extends SlotTier {

    public static final String NAME = "disk";

    /** Blocks that are written together, and records. */
    static final Share WRITES = new Share(64, 8 << 20);

    /** Small blocks that lie one behind the other are read together. */
    private static final Share READS = new Share(16, BlockReader.BUFFER_BYTES);

    /** Before anything was measured: a slow solid-state disk. */
    private static final double FIRST_GUESS = 500e6;

    private final SegmentFolder folder;
    private final SyncPolicy sync;
    private final Segment[] segments;
    private final GroupWriter[] writers;
    private final BlockReader[] readers;
    private final Chores chores;
    private final Alert failedWrites = new Alert("tier disk: writes");
    private final Alert failedReads = new Alert("tier disk: reads");

    /** Records of blocks that left while their slots stay free; by slot, sequence and segment. */
    private final List<Stale> stale = new ArrayList<>();

    private List<Integer> forgotten = new ArrayList<>();

    /** A record on the disk whose block is no longer in the table. */
    record Stale(Segment segment, int slot, long sequence) {}

    private DiskTier(DiskOptions options, SegmentFolder folder, Clock clock, Telemetry telemetry) {
        super(
                NAME,
                new TierShape(
                        folder.extents(options.bytes()),
                        folder.extentBytes(options.bytes()),
                        options.queueBlocks(),
                        options.threads(),
                        READS,
                        options.writers(),
                        WRITES),
                ChannelFile.ALIGNMENT,
                options.retention(),
                clock,
                new TierMeters(NAME, telemetry, FIRST_GUESS));
        this.folder = folder;
        this.sync = options.sync();
        this.segments = new Segment[folder.extents(options.bytes())];
        this.writers = new GroupWriter[options.writers()];
        this.readers = new BlockReader[options.threads()];
        this.chores = new Chores(this);
        Arrays.setAll(writers, i -> new GroupWriter(this, failedWrites));
        Arrays.setAll(readers, i -> new BlockReader());
    }

    /**
     * Opens a folder, with whatever blocks are in it.
     *
     * @throws IOException if the folder cannot be made or read, or another process has it; for the
     *     user
     */
    public static DiskTier open(DiskOptions options, Clock clock, Telemetry telemetry)
            throws IOException {
        return open(options, clock, telemetry, ChannelFile::open);
    }

    static DiskTier open(
            DiskOptions options, Clock clock, Telemetry telemetry, BlockFile.Opener opener)
            throws IOException {
        SegmentFolder folder = SegmentFolder.open(options.folder(), options.bytes(), opener);
        try {
            var tier = new DiskTier(options, folder, clock, telemetry);
            new Recovery(tier.table(), folder, tier.segments, clock.epochMillis()).run();
            tier.chores.start();
            tier.start();
            return tier;
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    SyncPolicy sync() {
        return sync;
    }

    boolean isWritable() {
        return folder.isWritable();
    }

    SegmentFolder folder() {
        return folder;
    }

    Object lock() {
        return lock;
    }

    SlotTable slots() {
        return table();
    }

    Clock time() {
        return clock();
    }

    /** Guarded by the lock. */
    Segment segmentOf(int slot) {
        return segments[table().extentOf(slot)];
    }

    /** Smaller reads cost a disk a third of its pace. */
    @Override
    public long leastReadBytes() {
        return 256 << 10;
    }

    @Override
    protected int recordBytes(BlockWrite write) {
        return BlockRecord.bytes(write.key(), write.block().layout(), write.tenant());
    }

    int reserveFor(BlockWrite write) {
        return reserve(write);
    }

    PutOutcome refusalOf(int reserved) {
        return refusal(reserved);
    }

    void wrote(PutOutcome outcome, long bytes, long nanos) {
        meters().wrote(outcome, bytes, nanos);
    }

    @Override
    protected void writeAll(Worker worker, Batch<BlockWrite, PutOutcomes> batch) {
        writers[worker.number()].write(batch);
    }

    @Override
    protected void batchBegins(Worker worker) {
        readers[worker.number()].forget();
    }

    @Override
    protected GetOutcome read(
            Worker worker, Batch<BlockRead, GetOutcomes> batch, int[] slots, int i) {
        BlockReader reader = readers[worker.number()];
        Segment segment;
        synchronized (lock) {
            segment = segmentOf(slots[i]);
        }
        try {
            boolean sound =
                    reader.read(
                            segment,
                            table().placeOf(slots[i]),
                            endOfRun(slots, i, batch.size()) - i,
                            batch.block(i),
                            layer -> verify(worker, slots[i], batch, i, layer));
            failedReads.over();
            return sound ? GetOutcome.FOUND : GetOutcome.DAMAGED;
        } catch (IOException | IllegalStateException e) {
            failedReads.raise("a block could not be read, others may be: " + e);
            return GetOutcome.FAILED;
        }
    }

    /** Slots that lie one behind the other; slots of one segment are numbered in a row. */
    private int endOfRun(int[] slots, int first, int count) {
        int end = first + 1;
        while (end < count && slots[end] == slots[end - 1] + 1 && table().placeOf(slots[end]) > 0) {
            end++;
        }
        return end;
    }

    /** Under the lock: the slot is kept from others until its record is erased. */
    @Override
    protected void forgetting(int slot) {
        table().acquire(slot);
        forgotten.add(slot);
    }

    @Override
    protected void afterForgetting(int count, Completion<Integer> done) {
        chores.erase(count, done);
    }

    /** Under the lock: what has been forgotten since this was asked last. */
    List<Integer> takeForgotten() {
        List<Integer> taken = forgotten;
        forgotten = new ArrayList<>();
        return taken;
    }

    /** Under the lock: the same for blocks that were evicted. */
    List<Stale> takeStale() {
        List<Stale> taken = List.copyOf(stale);
        stale.clear();
        return taken;
    }

    /** Under the lock: until which point each writer must have come to have erased what it must. */
    boolean writersHavePassed(long[] stamps) {
        for (int i = 0; i < writers.length; i++) {
            if (writers[i].stamp() == stamps[i] && (stamps[i] & 1) == 1) {
                return false;
            }
        }
        return true;
    }

    long[] writerStamps() {
        long[] stamps = new long[writers.length];
        for (int i = 0; i < stamps.length; i++) {
            stamps[i] = writers[i].stamp();
        }
        return stamps;
    }

    @Override
    protected void pinned(int slot) {
        table().acquire(slot);
        chores.rewrite(slot);
    }

    /** Under the lock: what the disk is to know of a block. */
    BlockRecord recordOf(int slot) {
        BlockEntry entry = table().entry(slot);
        int[] checksums = new int[entry.layout().layers()];
        for (int layer = 0; layer < checksums.length; layer++) {
            checksums[layer] = table().checksum(slot, layer);
        }
        return new BlockRecord(entry, table().sequence(slot), checksums);
    }

    @Override
    protected void departing(int slot) {
        stale.add(new Stale(segmentOf(slot), slot, table().sequence(slot)));
        chores.considerStale(stale.size());
    }

    @Override
    public void cut(int extent, SizeClass sizeClass, int count) {
        Segment old = segments[extent];
        var shape =
                new SegmentShape(
                        folder.nextId(),
                        capacityBytes() / table().extents(),
                        sizeClass.slotBytes(),
                        sizeClass.recordBytes(),
                        sizeClass.layers(),
                        count);
        segments[extent] = folder.segment(shape);
        if (old != null) {
            chores.delete(old);
        }
    }

    @Override
    public void close() {
        finish();
        chores.close();
        for (Segment segment : segments) {
            if (segment != null) {
                try {
                    segment.close();
                } catch (IOException e) {
                    failedReads.raise("a segment could not be closed: " + e);
                }
            }
        }
        try {
            folder.close();
        } catch (IOException e) {
            failedReads.raise("the folder's lock could not be given back: " + e);
        }
    }
}
