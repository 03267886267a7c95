package dev.cairn.storage.disk;

import dev.cairn.ports.cache.BlockTier.PutOutcomes;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.storage.slots.Alert;
import dev.cairn.storage.slots.Batch;
import dev.cairn.storage.slots.SlotTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;

/**
 * Writes groups of blocks: old records are erased, then bytes written, neighbours in one piece,
 * then forced if that is the policy, then records written and forced; then the blocks are there.
 *
 * <p>Threads: one.
 */
final class GroupWriter {

    private static final int BUFFER_BYTES = 4 << 20;

    /** From here on a write takes much longer than its system call. */
    private static final int STRAIGHT_BYTES = 1 << 20;

    /** While the disk is full, how long until it is asked again. */
    private static final long FULL_NANOS = 60_000_000_000L;

    private final Alert failures;
    private final DiskTier tier;
    private final ByteBuffer buffer = AlignedBuffer.of(BUFFER_BYTES);
    private final MemorySegment bufferBytes = MemorySegment.ofBuffer(buffer);
    private final ByteBuffer record =
            ByteBuffer.allocateDirect(BlockRecord.MOST_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer records = ByteBuffer.allocateDirect(BlockRecord.MOST_BYTES);
    private final int[] slots = new int[DiskTier.WRITES.blocks()];
    private final Segment[] segments = new Segment[DiskTier.WRITES.blocks()];
    private final PutOutcome[] outcomes = new PutOutcome[DiskTier.WRITES.blocks()];

    /** Odd while a slot may be reserved whose old record is not erased yet. Under the lock. */
    private long stamp;

    /** When the disk was found full; under the lock. */
    private long fullSince;

    private boolean full;

    GroupWriter(DiskTier tier, Alert failures) {
        this.tier = tier;
        this.failures = failures;
    }

    long stamp() {
        return stamp;
    }

    void write(Batch<BlockWrite, PutOutcomes> group) {
        long begin = tier.time().nanos();
        int count = group.size();
        reserve(group);
        eraseOldRecords(count);
        for (int i = 0; i < count; ) {
            int end = endOfRun(i, count);
            writeRun(group, i, end);
            i = end;
        }
        if (tier.sync() == SyncPolicy.GROUP) {
            force(count, Segment::forceData);
        }
        writeRecords(count);
        if (tier.sync() == SyncPolicy.GROUP) {
            force(count, Segment::forceHead);
        }
        settle(group, (tier.time().nanos() - begin) / count);
        for (int i = 0; i < count; i++) {
            group.listener(i).stored(group.index(i), outcomes[i]);
        }
    }

    private void reserve(Batch<BlockWrite, PutOutcomes> group) {
        synchronized (tier.lock()) {
            stamp++;
            if (full && tier.time().nanos() - fullSince > FULL_NANOS) {
                full = false;
                tier.slots().deviceFull(false);
            }
            for (int i = 0; i < group.size(); i++) {
                slots[i] = SlotTable.NONE;
                segments[i] = null;
                outcomes[i] = refusal(group.block(i));
                if (outcomes[i] == null) {
                    slots[i] = tier.reserveFor(group.block(i));
                    outcomes[i] = slots[i] < 0 ? tier.refusalOf(slots[i]) : PutOutcome.STORED;
                    segments[i] = slots[i] < 0 ? null : tier.segmentOf(slots[i]);
                }
            }
        }
    }

    /** What is wrong before a slot is sought; null if nothing. */
    private PutOutcome refusal(BlockWrite write) {
        if (!tier.isWritable()) {
            return PutOutcome.READ_ONLY;
        }
        KvLayout layout = write.block().layout();
        if (write.block().sliceChecksums().length != layout.layers()
                || !BlockRecord.fits(write.key(), layout, write.tenant())) {
            failures.raise("a block's checksums do not match its layers, or its key is too long");
            return PutOutcome.FAILED;
        }
        return null;
    }

    private boolean goesOn(int i) {
        return outcomes[i] == PutOutcome.STORED;
    }

    /** Whatever was in the slots is gone from the disk before other bytes come. */
    private void eraseOldRecords(int count) {
        for (int i = 0; i < count; ) {
            int end = endOfRun(i, count);
            if (goesOn(i) && anyWasWritten(i, end)) {
                try {
                    synchronized (segments[i]) {
                        segments[i].eraseRecords(tier.slots().placeOf(slots[i]), end - i);
                    }
                } catch (IOException e) {
                    failed(i, end, e);
                }
            }
            i = end;
        }
        synchronized (tier.lock()) {
            stamp++;
            tier.lock().notifyAll();
        }
    }

    private boolean anyWasWritten(int from, int to) {
        for (int i = from; i < to; i++) {
            if (tier.slots().wasWritten(slots[i])) {
                return true;
            }
        }
        return false;
    }

    /** Slots that lie one behind the other are written in one piece. */
    private int endOfRun(int first, int count) {
        int end = first + 1;
        while (end < count
                && goesOn(first)
                && goesOn(end)
                && segments[end] == segments[first]
                && slots[end] == slots[end - 1] + 1) {
            end++;
        }
        return end;
    }

    private void writeRun(Batch<BlockWrite, PutOutcomes> group, int from, int to) {
        if (!goesOn(from)) {
            return;
        }
        try {
            Segment segment = segments[from];
            long position = segment.slotOffset(tier.slots().placeOf(slots[from]));
            if (isLargeAndAligned(group.block(from), segment)) {
                for (int i = from; i < to; i++) {
                    position = writeStraight(segment, position, group.block(i));
                }
                return;
            }
            buffer.clear();
            for (int i = from; i < to; i++) {
                long bytes = group.block(i).block().layout().blockBytes();
                MemorySegment source = group.block(i).block().bytes().segment();
                position = copy(segment, position, source, bytes);
                position = copy(segment, position, null, segment.shape().slotBytes() - bytes);
            }
            flush(segment, position);
        } catch (IOException | IndexOutOfBoundsException | IllegalStateException e) {
            failed(from, to, e);
        }
    }

    /** Small blocks are better copied and written together; large ones need no copy. */
    private static boolean isLargeAndAligned(BlockWrite write, Segment segment) {
        long bytes = write.block().layout().blockBytes();
        return bytes >= STRAIGHT_BYTES && bytes == segment.shape().slotBytes();
    }

    private long writeStraight(Segment segment, long position, BlockWrite write)
            throws IOException {
        long bytes = segment.shape().slotBytes();
        MemorySegment source = write.block().bytes().segment();
        ByteBuffer view = source.asSlice(0, bytes).asByteBuffer();
        if (AlignedBuffer.isAligned(view)) {
            segment.writeData(view, position);
            return position + bytes;
        }
        buffer.clear();
        return flush(segment, copy(segment, position, source, bytes));
    }

    /** Copies into the buffer and writes it when it is full; without a source, zeros. */
    private long copy(Segment segment, long position, MemorySegment source, long bytes)
            throws IOException {
        long at = position;
        for (long copied = 0; copied < bytes; ) {
            if (!buffer.hasRemaining()) {
                at = flush(segment, at);
            }
            int chunk = (int) Math.min(buffer.remaining(), bytes - copied);
            if (source == null) {
                bufferBytes.asSlice(buffer.position(), chunk).fill((byte) 0);
            } else {
                MemorySegment.copy(source, copied, bufferBytes, buffer.position(), chunk);
            }
            buffer.position(buffer.position() + chunk);
            copied += chunk;
        }
        return at;
    }

    private long flush(Segment segment, long position) throws IOException {
        buffer.flip();
        long end = position + buffer.limit();
        segment.writeData(buffer, position);
        buffer.clear();
        return end;
    }

    private void writeRecords(int count) {
        for (int i = 0; i < count; ) {
            int end = endOfRun(i, count);
            if (goesOn(i)) {
                int together = records.capacity() / segments[i].shape().recordBytes();
                end = Math.min(end, i + together);
                writeRecords(i, end);
            }
            i = end;
        }
    }

    private void writeRecords(int from, int to) {
        Segment segment = segments[from];
        records.clear();
        for (int i = from; i < to; i++) {
            BlockRecord written;
            synchronized (tier.lock()) {
                written = tier.recordOf(slots[i]);
            }
            record.clear().limit(segment.shape().recordBytes());
            written.encode(record, segment.shape().id(), tier.slots().placeOf(slots[i]));
            records.put(record);
        }
        records.flip();
        try {
            synchronized (segment) {
                segment.writeRecord(records, tier.slots().placeOf(slots[from]));
            }
        } catch (IOException e) {
            failed(from, to, e);
        }
    }

    private interface Forced {
        void force(Segment segment) throws IOException;
    }

    private void force(int count, Forced forced) {
        for (int i = 0; i < count; i++) {
            Segment segment = segments[i];
            if (goesOn(i) && Arrays.asList(segments).indexOf(segment) == i) {
                try {
                    forced.force(segment);
                } catch (IOException e) {
                    for (int j = i; j < count; j++) {
                        if (segments[j] == segment) {
                            failed(j, j + 1, e);
                        }
                    }
                }
            }
        }
    }

    private void settle(Batch<BlockWrite, PutOutcomes> group, long nanosEach) {
        boolean stored = false;
        synchronized (tier.lock()) {
            for (int i = 0; i < group.size(); i++) {
                boolean there = slots[i] >= 0 && goesOn(i);
                if (there) {
                    tier.slots().commit(slots[i]);
                } else if (slots[i] >= 0) {
                    tier.slots().abort(slots[i]);
                }
                stored |= there;
                tier.wrote(outcomes[i], group.block(i).block().layout().blockBytes(), nanosEach);
            }
            if (Arrays.asList(outcomes).subList(0, group.size()).contains(PutOutcome.FULL)
                    && full) {
                tier.slots().deviceFull(true);
            }
        }
        if (stored) {
            failures.over();
        }
    }

    private void failed(int from, int to, Exception e) {
        PutOutcome outcome = outcomeOf(e);
        failures.raise("blocks could not be stored, the cache goes on without them: " + e);
        if (outcome == PutOutcome.FULL) {
            synchronized (tier.lock()) {
                full = true;
                fullSince = tier.time().nanos();
            }
        }
        Arrays.fill(outcomes, from, to, outcome);
    }

    /** Java passes on what the system says in words. */
    private static PutOutcome outcomeOf(Exception e) {
        String said = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (said.contains("no space") || said.contains("quota") || said.contains("too large")) {
            return PutOutcome.FULL;
        }
        return said.contains("read-only") ? PutOutcome.READ_ONLY : PutOutcome.FAILED;
    }
}
