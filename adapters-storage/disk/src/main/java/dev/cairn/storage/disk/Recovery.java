package dev.cairn.storage.disk;

import dev.cairn.storage.slots.SlotTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Fills the table from the records in a folder. Nothing else is kept of what was there before, so
 * there is nothing else to be wrong: records are read one behind the other, 200 000 blocks of 512
 * KiB are 100 MiB of them.
 */
final class Recovery {

    private static final System.Logger LOG = System.getLogger(Recovery.class.getPackageName());
    private static final int BUFFER_BYTES = 1 << 20;

    private final SlotTable table;
    private final SegmentFolder folder;
    private final Segment[] segments;
    private final long now;
    private final List<Found> found = new ArrayList<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(Long.BYTES);
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private int damaged;

    private record Found(int slot, BlockRecord record) {}

    Recovery(SlotTable table, SegmentFolder folder, Segment[] segments, long now) {
        this.table = table;
        this.folder = folder;
        this.segments = segments;
        this.now = now;
    }

    void run() throws IOException {
        List<SegmentShape> shapes = folder.found();
        // The oldest go if the tier has become smaller.
        int surplus = Math.max(0, shapes.size() - segments.length);
        for (SegmentShape shape : shapes.subList(0, surplus)) {
            if (folder.isWritable()) {
                folder.segment(shape).delete();
            }
        }
        int adopted = 0;
        for (SegmentShape shape : shapes.subList(surplus, shapes.size())) {
            if (adopt(adopted, shape)) {
                adopted++;
            }
        }
        found.sort(Comparator.comparingLong(each -> each.record().sequence()));
        for (Found each : found) {
            boolean stays =
                    table.restore(
                            each.slot(),
                            each.record().entry(),
                            each.record().checksums(),
                            each.record().sequence(),
                            now);
            if (!stays && folder.isWritable()) {
                segments[table.extentOf(each.slot())].eraseRecord(
                        scratch, table.placeOf(each.slot()));
            }
        }
        for (int extent = 0; extent < adopted; extent++) {
            table.restored(extent);
        }
        if (damaged > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "tier disk: {0} damaged records in {1} were dropped",
                    damaged,
                    folder.path());
        }
    }

    private boolean adopt(int extent, SegmentShape shape) {
        Segment segment = folder.segment(shape);
        List<Found> here = new ArrayList<>();
        try {
            segment.open();
            read(segment, extent, here);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "tier disk: a segment of {0} cannot be read, its blocks are lost: {1}",
                    folder.path(),
                    e);
            return false;
        }
        segments[extent] = segment;
        table.adopt(extent, shape.slotBytes(), shape.layers(), shape.recordBytes(), shape.slots());
        found.addAll(here);
        return true;
    }

    private void read(Segment segment, int extent, List<Found> here) throws IOException {
        SegmentShape shape = segment.shape();
        long dataBytes = segment.dataBytes();
        int atOnce = BUFFER_BYTES / shape.recordBytes();
        for (int from = 0; from < shape.slots(); from += atOnce) {
            int count = Math.min(atOnce, shape.slots() - from);
            buffer.clear().limit(count * shape.recordBytes());
            segment.readRecords(buffer, from);
            int whole = buffer.position() / shape.recordBytes();
            for (int i = 0; i < whole; i++) {
                ByteBuffer record =
                        buffer.slice(i * shape.recordBytes(), shape.recordBytes())
                                .order(ByteOrder.LITTLE_ENDIAN);
                boolean inData = segment.slotOffset(from + i + 1) <= dataBytes;
                consider(record, shape, extent, from + i, inData, here);
            }
        }
    }

    private void consider(
            ByteBuffer found,
            SegmentShape shape,
            int extent,
            int place,
            boolean inData,
            List<Found> here) {
        if (BlockRecord.isEmpty(found)) {
            return;
        }
        Optional<BlockRecord> record =
                BlockRecord.decode(found, shape.id(), place)
                        .filter(each -> inData && matches(each, shape));
        if (record.isPresent()) {
            here.add(new Found(SlotTable.slot(extent, place), record.get()));
        } else {
            damaged++;
        }
    }

    private boolean matches(BlockRecord record, SegmentShape shape) {
        return record.entry().layout().layers() == shape.layers()
                && table.slotBytes(record.entry().layout()) == shape.slotBytes();
    }
}
