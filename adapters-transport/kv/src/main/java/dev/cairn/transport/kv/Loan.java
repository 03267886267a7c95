package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.system.Completion;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A block that was lent to be sent, or will be: where its bytes are and how many of its slices went
 * out.
 *
 * <p>Threads: the lender's until it is handed to the connection, then the connection's writer.
 */
final class Loan implements Completion<Optional<BlockBytes>> {

    /** Takes loans whose outcome is known. Threads: any. */
    interface Desk {

        void settled(Loan loan);
    }

    private final Desk desk;
    private final Serve serve;
    private final int block;
    private final long untilNanos;
    private BlockBytes lent;
    private ByteBuffer view;
    private Ending ending = Ending.FAILED;
    private int nextLayer;

    /**
     * @param block of the request
     * @param untilNanos when it must have gone back
     */
    Loan(Desk desk, Serve serve, int block, long untilNanos) {
        this.desk = desk;
        this.serve = serve;
        this.block = block;
        this.untilNanos = untilNanos;
        this.nextLayer = serve.range().firstLayer();
    }

    @Override
    public void completed(Optional<BlockBytes> result) {
        KvLayout layout = serve.range().kind().layout();
        if (result.isEmpty()) {
            ending = Ending.ABSENT;
        } else {
            lent = result.get();
            if (lent.layout().equals(layout)
                    && lent.sliceChecksums().length == layout.layers()
                    && lent.bytes().segment().byteSize() >= layout.blockBytes()) {
                view = lent.bytes().segment().asSlice(0, layout.blockBytes()).asByteBuffer();
            }
        }
        desk.settled(this);
    }

    @Override
    public void failed(Throwable failure) {
        desk.settled(this);
    }

    Serve serve() {
        return serve;
    }

    int block() {
        return block;
    }

    long untilNanos() {
        return untilNanos;
    }

    boolean hasBytes() {
        return view != null;
    }

    /** Why it has none. */
    Ending ending() {
        return ending;
    }

    boolean isSent() {
        return nextLayer == serve.range().endLayer();
    }

    /** How many slices the next frame takes, at most so many bytes; 0 = not even one. */
    int slices(long atMostBytes) {
        long slice = serve.range().kind().layout().sliceBytes();
        if (slice > atMostBytes) {
            return 0;
        }
        long wanted = Math.max(1, Wire.PAYLOAD_GOAL / slice);
        long left = serve.range().endLayer() - (long) nextLayer;
        return (int) Math.min(left, Math.min(wanted, atMostBytes / slice));
    }

    /** Adds a frame with the next slices, which go out when the frames do. */
    void addTo(FrameWriter frames, int slices) {
        KvLayout layout = serve.range().kind().layout();
        ByteBuffer body = frames.begin(FrameType.DATA, serve.request(), block, nextLayer, slices);
        for (int layer = nextLayer; layer < nextLayer + slices; layer++) {
            body.putInt(lent.sliceChecksums()[layer]);
        }
        int at = (int) layout.sliceOffset(nextLayer);
        frames.end(view.slice(at, (int) (slices * layout.sliceBytes())));
        nextLayer += slices;
    }

    void giveBack() {
        view = null;
        if (lent != null) {
            lent.bytes().close();
            lent = null;
        }
    }
}
