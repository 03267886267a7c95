package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fetch of one prefix: its blocks come from tiers into blocks of the device, and are found in
 * the prefix cache as they arrive. Requests that begin with the prefix wait until it is over; it is
 * over when all has arrived, when a block is not to be had, or when the time is up.
 *
 * <p>It holds the blocks of the device, those that were there and those that it fills, until the
 * requests that wait have begun.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class Onboarding {

    private final List<BlockPlace> kept;
    private final String salt;
    private final List<Piece> pieces = new ArrayList<>();
    private final Deque<Piece> toRead = new ArrayDeque<>();
    private final Map<Lane, Before> before = new LinkedHashMap<>();

    private int inFlight;
    private int waiters = 1;
    private boolean over;
    private boolean released;
    private Cancellation deadline = () -> {};

    /**
     * @param kept blocks of the device that it holds
     * @param salt of the tenant whose blocks these are
     */
    Onboarding(List<BlockPlace> kept, String salt) {
        this.kept = List.copyOf(kept);
        this.salt = salt;
    }

    /** Whether waiting any longer gains nothing. */
    public boolean isOver() {
        return over;
    }

    String salt() {
        return salt;
    }

    List<BlockPlace> kept() {
        return kept;
    }

    List<Piece> pieces() {
        return pieces;
    }

    void add(Piece piece, long nanos) {
        pieces.add(piece);
        toRead.add(piece);
        before.computeIfAbsent(
                piece.lane,
                lane -> new Before(lane.busyNanos(nanos), lane.movedBytes(), piece.bytes));
        piece.lane.promised(piece.bytes);
    }

    void deadline(Cancellation timer) {
        deadline = timer;
    }

    /** The piece that is read next; there is one. */
    Piece peekToRead() {
        return toRead.element();
    }

    /** Takes it. */
    Piece nextToRead() {
        inFlight++;
        return toRead.remove();
    }

    boolean hasMoreToRead() {
        return !toRead.isEmpty();
    }

    /** Reads that began and have not ended, in the device or not. */
    int inFlight() {
        return inFlight;
    }

    /** A read that began has ended. */
    void pieceEnded() {
        inFlight--;
    }

    /** Nothing more is read. */
    void stopReading() {
        for (Piece piece : toRead) {
            piece.lane.withdrawn(piece.bytes);
        }
        toRead.clear();
    }

    /** Whoever waits goes on; teaches the tiers' rates what was seen. */
    void end(long nanos) {
        over = true;
        deadline.cancel();
        before.forEach(
                (lane, then) -> {
                    long moved = lane.movedBytes() - then.movedBytes;
                    long busy = lane.busyNanos(nanos) - then.busyNanos;
                    // A tier that gave nothing in that time is at least so slow.
                    lane.saw(Math.max(then.pieceBytes, moved), busy);
                });
    }

    /** One more request waits for it. */
    void join() {
        waiters++;
    }

    /** One who waited does not any more. */
    void leave() {
        waiters--;
    }

    boolean isWanted() {
        return waiters > 0;
    }

    boolean isReleased() {
        return released;
    }

    /**
     * What it held is given back.
     *
     * @return false if that had happened before
     */
    boolean releases() {
        boolean first = !released;
        released = true;
        return first;
    }

    private record Before(long busyNanos, long movedBytes, long pieceBytes) {}
}
