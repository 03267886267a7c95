package dev.cairn.transport.kv;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The reading end of a ring. Threads: one. */
final class RingSource implements ByteSource {

    private static final int PIECE = 1 << 17;

    private final Ring ring;
    private final FrameReader doorbell;
    private final Runnable wakeWriter;
    private final ByteBuffer view;
    private final Pause.Condition hasBytes = () -> unread() != 0;
    private long read;

    /**
     * @param doorbell of the connection beside the ring, where the writer wakes this side
     * @param wakeWriter tells the writer that there is room; must not wait
     */
    RingSource(Ring ring, FrameReader doorbell, Runnable wakeWriter) {
        this.ring = ring;
        this.doorbell = doorbell;
        this.wakeWriter = wakeWriter;
        this.view = ring.view();
    }

    @Override
    public void read(ByteBuffer target, int ahead) throws IOException {
        while (target.hasRemaining()) {
            int at = (int) (read % ring.capacity());
            int bytes = Math.min(target.remaining(), ring.capacity() - at);
            bytes = Math.min(Math.min(bytes, PIECE), awaitBytes());
            target.put(view.limit(at + bytes).position(at));
            read += bytes;
            ring.read(read);
            // Woken too early, the writer would sleep again after one piece.
            if (unread() <= ring.capacity() / 2 && ring.takeSleepingWriter()) {
                wakeWriter.run();
            }
        }
    }

    private int awaitBytes() throws IOException {
        while (true) {
            if (hasBytes.holds() || Pause.awake(hasBytes)) {
                int bytes = unread();
                if (bytes < 0) {
                    throw new ProtocolException("says that it wrote more than there is room for");
                }
                return bytes;
            }
            ring.readerSleeps();
            if (!hasBytes.holds()) {
                doorbell.expect(FrameType.DOORBELL);
            }
        }
    }

    /** Bytes that can be read; below 0 if the writer lies. */
    private int unread() {
        long bytes = ring.written() - read;
        return bytes < 0 || bytes > ring.capacity() ? -1 : (int) bytes;
    }
}
