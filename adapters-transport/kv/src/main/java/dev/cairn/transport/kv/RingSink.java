package dev.cairn.transport.kv;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The writing end of a ring. Threads: one. */
final class RingSink implements ByteSink {

    /** So that the reader works on one piece while the next is copied. */
    private static final int PIECE = 1 << 17;

    private final Ring ring;
    private final Bell room;
    private final FrameWriter doorbell;
    private final ByteBuffer view;
    private final Pause.Condition hasRoom = () -> room() != 0;
    private long written;

    /**
     * @param room rings when the reader says that it has made room
     * @param doorbell of the connection beside the ring, which wakes the reader
     */
    RingSink(Ring ring, Bell room, FrameWriter doorbell) {
        this.ring = ring;
        this.room = room;
        this.doorbell = doorbell;
        this.view = ring.view();
    }

    @Override
    public void write(ByteBuffer[] parts, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            ByteBuffer part = parts[i];
            int end = part.limit();
            while (part.position() < end) {
                int at = (int) (written % ring.capacity());
                int bytes = Math.min(end - part.position(), ring.capacity() - at);
                bytes = Math.min(Math.min(bytes, PIECE), awaitRoom());
                part.limit(part.position() + bytes);
                view.limit(at + bytes).position(at).put(part);
                part.limit(end);
                written += bytes;
                ring.written(written);
                if (ring.takeSleepingReader()) {
                    doorbell.add(FrameType.DOORBELL, 0, 0, 0, 0);
                    doorbell.flush();
                }
            }
        }
    }

    private int awaitRoom() throws IOException {
        while (true) {
            if (hasRoom.holds() || Pause.awake(hasRoom)) {
                int bytes = room();
                if (bytes < 0) {
                    throw new ProtocolException("says that it read what was not written");
                }
                return bytes;
            }
            ring.writerSleeps();
            if (!hasRoom.holds()) {
                room.await();
            }
        }
    }

    /** Bytes that can be written; below 0 if the reader lies. */
    private int room() {
        long unread = written - ring.read();
        return unread < 0 || unread > ring.capacity() ? -1 : ring.capacity() - (int) unread;
    }
}
