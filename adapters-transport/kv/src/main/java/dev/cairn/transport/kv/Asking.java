package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.system.Clock;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What one connection has to say to the peer that it pulls from, and which pulls wait or are under
 * way.
 *
 * <p>Threads: any; its own lock, under which no outcome is told.
 */
final class Asking {

    private static final int SLOTS = Wire.MOST_REQUESTS - 1;

    private final Clock clock;
    private final Deque<Pull> waiting = new ArrayDeque<>();
    private final Deque<Pull> cancelled = new ArrayDeque<>();
    private final Pull[] underWay = new Pull[Wire.MOST_REQUESTS];
    private final List<AskedKind> kinds = new ArrayList<>();
    private int blocks;
    private int nextRequest;
    private long credit;
    private boolean ping;
    private boolean doorbell;
    private boolean closed;

    Asking(Clock clock) {
        this.clock = clock;
    }

    /**
     * @return false if the connection is closed or carries too many kinds of blocks already
     */
    synchronized boolean submit(Pull pull) {
        AskedKind kind = closed ? null : kindOf(pull.range().kind());
        if (kind == null) {
            return false;
        }
        pull.carriedAs(kind);
        blocks += pull.size();
        waiting.add(pull);
        notifyAll();
        return true;
    }

    private AskedKind kindOf(BlockKind kind) {
        for (AskedKind asked : kinds) {
            if (asked.kind().equals(kind) && !asked.isRefused()) {
                return asked;
            }
        }
        if (kinds.size() == Wire.MOST_KINDS) {
            return null;
        }
        kinds.add(new AskedKind(kind, kinds.size()));
        return kinds.getLast();
    }

    /** Ends the pull at once if the peer has not heard of it, else the peer will end it. */
    void cancel(Pull pull) {
        boolean unasked;
        synchronized (this) {
            unasked = waiting.remove(pull);
            if (unasked) {
                blocks -= pull.size();
            } else if (!closed) {
                cancelled.add(pull);
                notifyAll();
            }
        }
        if (unasked) {
            pull.endAll(GetOutcome.FAILED);
        }
    }

    /** Blocks that wait or are under way. */
    synchronized int blocks() {
        return blocks;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /**
     * @return whether this call closed it
     */
    synchronized boolean close() {
        boolean first = !closed;
        closed = true;
        notifyAll();
        return first;
    }

    synchronized void give(long bytes) {
        credit += bytes;
        notifyAll();
    }

    synchronized void ping() {
        ping = true;
        notifyAll();
    }

    synchronized void ringDoorbell() {
        doorbell = true;
        notifyAll();
    }

    /**
     * @return the pull, or null if it is over
     * @throws ProtocolException if there never was one
     */
    synchronized Pull underWay(int request) throws ProtocolException {
        if (nextRequest - request <= 0) {
            throw new ProtocolException("answers a request that was not made");
        }
        Pull pull = underWay[request & SLOTS];
        return pull != null && pull.request() == request ? pull : null;
    }

    synchronized AskedKind kind(int number) throws ProtocolException {
        if (number < 0 || number >= kinds.size()) {
            throw new ProtocolException("answers whether it has what was not asked for");
        }
        return kinds.get(number);
    }

    /** The pull is over. */
    synchronized void release(Pull pull) {
        underWay[pull.request() & SLOTS] = null;
        blocks -= pull.size();
        notifyAll();
    }

    /** Ends everything; the connection is closed and its threads are at their ends. */
    void endAll(GetOutcome outcome) {
        List<Pull> left = new ArrayList<>();
        synchronized (this) {
            for (int i = 0; i < underWay.length; i++) {
                if (underWay[i] != null) {
                    left.add(underWay[i]);
                    underWay[i] = null;
                }
            }
            left.addAll(waiting);
            waiting.clear();
            cancelled.clear();
            blocks = 0;
        }
        left.forEach(pull -> pull.endAll(outcome));
    }

    /**
     * Waits for something to say and adds it.
     *
     * @return whether the connection is still open
     */
    synchronized boolean collect(FrameWriter frames) {
        while (!closed && !hasWork()) {
            try {
                wait();
            } catch (InterruptedException _) {
                // Nobody interrupts this thread; closing is how it ends.
                Thread.interrupted();
            }
        }
        if (credit > 0) {
            frames.add(FrameType.CREDIT, 0, (int) credit, 0, 0);
            credit = 0;
        }
        if (doorbell) {
            frames.add(FrameType.DOORBELL, 0, 0, 0, 0);
            doorbell = false;
        }
        if (ping) {
            frames.add(FrameType.PING, 0, 0, 0, 0);
            ping = false;
        }
        while (canAsk() && hasRoomFor(waiting.peek(), frames)) {
            ask(waiting.poll(), frames);
        }
        while (!cancelled.isEmpty() && frames.hasRoom(0)) {
            withdraw(cancelled.poll(), frames);
        }
        return !closed;
    }

    private boolean hasWork() {
        return credit > 0 || doorbell || ping || canAsk() || !cancelled.isEmpty();
    }

    private boolean canAsk() {
        return !waiting.isEmpty() && underWay[nextRequest & SLOTS] == null;
    }

    private static boolean hasRoomFor(Pull pull, FrameWriter frames) {
        return frames.hasRoom(
                pull.size() * Wire.HASH_BYTES + Wire.TALK_BYTES + 2 * Frame.HEADER_BYTES);
    }

    private void ask(Pull pull, FrameWriter frames) {
        AskedKind kind = pull.carriedAs();
        if (kind.mustBeAsked()) {
            ByteBuffer body = frames.begin(FrameType.OPEN, kind.number(), 0, 0, 0);
            Wire.putKind(body, kind.kind());
            frames.end(null);
        }
        pull.asked(nextRequest, clock.nanos());
        underWay[nextRequest & SLOTS] = pull;
        pull.putHashes(
                frames.begin(
                        FrameType.PULL,
                        nextRequest,
                        kind.number(),
                        pull.range().firstLayer(),
                        pull.size()));
        frames.end(null);
        nextRequest++;
    }

    private void withdraw(Pull pull, FrameWriter frames) {
        if (underWay[pull.request() & SLOTS] == pull) {
            frames.add(FrameType.CANCEL, pull.request(), 0, 0, 0);
        }
    }
}
