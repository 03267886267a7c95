package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.GetOutcome;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Blocks of one kind that are asked for together: where they go, and how far each has come.
 *
 * <p>Threads: whoever made it until a connection has asked for it, then the connection's reader.
 */
final class Pull {

    /** In the place of a block's next layer. */
    private static final int ENDED = -1;

    private final Range range;
    private final List<BlockRead> all;
    private final int[] places;
    private final GetOutcomes outcomes;
    private final int[] nextLayers;
    private int left;
    private AskedKind carriedAs;
    private int request;
    private long arrivedBytes;
    private long askedNanos;
    private long firstNanos;

    /**
     * @param all what the caller passed
     * @param places of this pull's blocks in it
     */
    Pull(Range range, List<BlockRead> all, int[] places, GetOutcomes outcomes) {
        this.range = range;
        this.all = all;
        this.places = places;
        this.outcomes = outcomes;
        this.nextLayers = new int[places.length];
        this.left = places.length;
        Arrays.fill(nextLayers, range.firstLayer());
    }

    Range range() {
        return range;
    }

    int size() {
        return places.length;
    }

    int request() {
        return request;
    }

    void asked(int asRequest, long nanos) {
        request = asRequest;
        askedNanos = nanos;
    }

    void carriedAs(AskedKind asked) {
        carriedAs = asked;
    }

    AskedKind carriedAs() {
        return carriedAs;
    }

    boolean isOver() {
        return left == 0;
    }

    long arrivedBytes() {
        return arrivedBytes;
    }

    /** Nanoseconds from the request to the first slice, and from there to now. */
    long firstNanos() {
        return firstNanos - askedNanos;
    }

    long restNanos(long now) {
        return now - firstNanos;
    }

    void putHashes(ByteBuffer body) {
        body.putInt(range.layers());
        for (int place : places) {
            Wire.putHash(body, all.get(place).key().hash());
        }
    }

    boolean hasEnded(int block) {
        return nextLayers[block] == ENDED;
    }

    /**
     * Room for slices that are about to come; null if the block ended before.
     *
     * @throws ProtocolException if they are not what comes next
     */
    ByteBuffer room(Frame data) throws ProtocolException {
        if (!carriedAs.isOpen()) {
            throw new ProtocolException("sent blocks without saying of which kind");
        }
        if (data.block < 0 || data.block >= places.length) {
            throw new ProtocolException("sent block %d of %d".formatted(data.block, size()));
        }
        if (hasEnded(data.block)) {
            return null;
        }
        long slice = range.sliceBytes();
        if (data.layer != nextLayers[data.block]
                || data.count < 1
                || data.count > range.endLayer() - data.layer
                || data.payloadBytes != data.count * slice
                || data.bodyBytes != (data.count + 1) * Integer.BYTES) {
            throw new ProtocolException(
                    "sent %d slices from %d in %d bytes in the place of slice %d"
                            .formatted(
                                    data.count,
                                    data.layer,
                                    data.payloadBytes,
                                    nextLayers[data.block]));
        }
        BlockRead read = all.get(places[data.block]);
        int at = (int) read.targetOffset(data.layer);
        return read.view().limit(at + data.payloadBytes).position(at);
    }

    /**
     * A slice lies in its place.
     *
     * @param matches whether it is what the sender's core has summed up
     */
    void arrived(int block, int layer, int checksum, boolean matches, long nanos) {
        if (!matches) {
            ended(block, GetOutcome.DAMAGED);
            return;
        }
        if (arrivedBytes == 0) {
            firstNanos = nanos;
        }
        arrivedBytes += range.sliceBytes();
        all.get(places[block]).sliceChecksums()[layer] = checksum;
        nextLayers[block] = layer + 1;
        outcomes.sliceArrived(places[block], layer);
        if (layer + 1 == range.endLayer()) {
            ended(block, GetOutcome.FOUND);
        }
    }

    /** Nothing happens if it has ended before. */
    void ended(int block, GetOutcome outcome) {
        if (!hasEnded(block)) {
            nextLayers[block] = ENDED;
            left--;
            outcomes.ended(places[block], outcome);
        }
    }

    void endAll(GetOutcome outcome) {
        for (int block = 0; block < places.length; block++) {
            ended(block, outcome);
        }
    }
}
