package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.system.Clock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one connection has to send to the peer that pulls from here: answers, and blocks as they are
 * lent and as credit comes.
 *
 * <p>Threads: the connection's reader brings requests, its writer {@linkplain #collect collects}
 * what is to be sent, lenders bring loans from anywhere; its own lock, under which nothing is lent.
 */
final class Serving implements Loan.Desk {

    /** Collected at once, so that credit and cancels are noticed in between. */
    private static final long BATCH_BYTES = 1 << 20;

    /** An end of some blocks, or an answer to OPEN; in the order in which they are to go out. */
    private record Answer(
            FrameType type, int request, int block, int code, int count, String text) {}

    private final BlockSource source;
    private final KvOptions options;
    private final Clock clock;
    private final List<BlockKind> kinds = new ArrayList<>();
    private final List<Boolean> served = new ArrayList<>();
    private final Deque<Serve> toLend = new ArrayDeque<>();
    private final Map<Integer, Serve> serves = new HashMap<>();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final Deque<Loan> ready = new ArrayDeque<>();

    /** Of the writer: loans whose last slice goes out with the next flush. */
    private final List<Loan> sending = new ArrayList<>();

    private long credit;
    private int nextRequest;
    private int queued;
    private int lent;
    private boolean pong;
    private boolean closed;

    Serving(BlockSource source, KvOptions options, Clock clock, long credit) {
        this.source = source;
        this.options = options;
        this.clock = clock;
        this.credit = credit;
    }

    /** A kind of blocks that the peer will ask for, under the next number. */
    void open(int number, BlockKind kind) throws ProtocolException {
        Optional<String> difference = KindDifference.of(kind, source.kinds());
        synchronized (this) {
            if (number != kinds.size() || number == Wire.MOST_KINDS) {
                throw new ProtocolException("opened kind " + number + " of " + kinds.size());
            }
            kinds.add(kind);
            served.add(difference.isEmpty());
            int ok = difference.isEmpty() ? 1 : 0;
            answers.add(new Answer(FrameType.OPENED, number, 0, 0, ok, difference.orElse("")));
            notifyAll();
        }
    }

    synchronized void pull(Frame frame, ByteBuffer body) throws ProtocolException {
        if (frame.request != nextRequest++
                || frame.block < 0
                || frame.block >= kinds.size()
                || frame.count < 1
                || body.remaining() != Integer.BYTES + frame.count * Wire.HASH_BYTES) {
            throw new ProtocolException("made a request that contradicts itself");
        }
        var range = new Range(kinds.get(frame.block), frame.layer, body.getInt());
        int layers = range.kind().layout().layers();
        if (range.firstLayer() < 0
                || range.layers() < 1
                || range.layers() > layers - range.firstLayer()) {
            throw new ProtocolException(
                    "asked for %d layers from %d of %d"
                            .formatted(range.layers(), range.firstLayer(), layers));
        }
        if (!served.get(frame.block)) {
            answer(frame.request, 0, frame.count, Ending.REFUSED);
        } else if (serves.size() >= Wire.MOST_REQUESTS
                || queued + frame.count > options.limits().queuedBlocks()) {
            answer(frame.request, 0, frame.count, Ending.BUSY);
        } else {
            var serve = new Serve(frame.request, range, frame.count, body);
            queued += frame.count;
            serves.put(frame.request, serve);
            toLend.add(serve);
        }
        notifyAll();
    }

    private void answer(int request, int block, int count, Ending ending) {
        answers.add(new Answer(FrameType.END, request, block, ending.code(), count, ""));
    }

    /** Ends what is not lent; what is will end as it comes. */
    synchronized void cancel(int request) {
        Serve serve = serves.get(request);
        if (serve != null && !serve.isCancelled()) {
            int from = serve.size();
            while (serve.hasNext()) {
                from = Math.min(from, serve.next());
                settle(serve);
            }
            serve.cancel();
            answer(request, 0, serve.size(), Ending.FAILED);
            notifyAll();
        }
    }

    synchronized void grant(long bytes) throws ProtocolException {
        credit += bytes;
        if (bytes < 1 || credit > Wire.MOST_CREDIT) {
            throw new ProtocolException("granted " + bytes + " bytes of credit");
        }
        notifyAll();
    }

    synchronized void pong() {
        pong = true;
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void settle(Serve serve) {
        queued--;
        if (serve.settle()) {
            serves.remove(serve.request());
        }
    }

    /** Asks for blocks as far as may be lent at once. */
    void lend() {
        while (true) {
            Loan loan;
            BlockKey key;
            Duration atMost = options.times().lease();
            synchronized (this) {
                while (!toLend.isEmpty() && !toLend.peek().hasNext()) {
                    toLend.poll();
                }
                if (closed || toLend.isEmpty() || lent >= options.limits().lentBlocks()) {
                    return;
                }
                Serve serve = toLend.peek();
                int block = serve.next();
                key = serve.key(block);
                loan = new Loan(this, serve, block, clock.nanos() + atMost.toNanos());
                lent++;
            }
            source.lend(key, loan.serve().range().kind().layout(), atMost, loan);
        }
    }

    @Override
    public void settled(Loan loan) {
        synchronized (this) {
            if (!closed) {
                ready.add(loan);
                notifyAll();
                return;
            }
        }
        loan.giveBack();
    }

    /**
     * Waits for something to send and adds it.
     *
     * @return whether the connection is still open
     */
    boolean collect(FrameWriter frames) {
        synchronized (this) {
            while (!closed && !hasWork()) {
                await();
            }
            if (closed) {
                return false;
            }
            if (pong) {
                frames.add(FrameType.PONG, 0, 0, 0, 0);
                pong = false;
            }
            while (!answers.isEmpty() && frames.hasRoom(Wire.TALK_BYTES)) {
                write(answers.poll(), frames);
            }
            long bytes = 0;
            while (!ready.isEmpty() && bytes < BATCH_BYTES && frames.hasRoom(Wire.MOST_LAYERS)) {
                long sent = send(ready.peek(), frames);
                if (sent < 0) {
                    break;
                }
                bytes += sent;
            }
            return true;
        }
    }

    private boolean hasWork() {
        return pong
                || !answers.isEmpty()
                || (lent < options.limits().lentBlocks() && !toLend.isEmpty())
                || (!ready.isEmpty() && canSend(ready.peek()));
    }

    private boolean canSend(Loan loan) {
        return !loan.hasBytes()
                || loan.serve().isCancelled()
                || loan.slices(credit) > 0
                || clock.nanos() >= loan.untilNanos();
    }

    private void await() {
        try {
            if (ready.isEmpty()) {
                wait();
            } else {
                // Out of credit: the block goes back when its time is over.
                long nanos = ready.peek().untilNanos() - clock.nanos();
                wait(Math.max(1, nanos / 1_000_000 + 1));
            }
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; closing is how it ends.
            Thread.interrupted();
        }
    }

    private void write(Answer answer, FrameWriter frames) {
        if (answer.type() == FrameType.END) {
            frames.add(
                    FrameType.END, answer.request(), answer.block(), answer.code(), answer.count());
            return;
        }
        ByteBuffer body = frames.begin(FrameType.OPENED, answer.request(), 0, 0, answer.count());
        if (answer.count() == 0) {
            Wire.putText(body, answer.text());
        } else {
            Wire.putKind(body, kinds.get(answer.request()));
        }
        frames.end(null);
    }

    /**
     * @return bytes of payload; below 0 if nothing could be sent for want of credit
     */
    private long send(Loan loan, FrameWriter frames) {
        boolean late = clock.nanos() >= loan.untilNanos();
        if (!loan.hasBytes() || loan.serve().isCancelled() || late) {
            if (!loan.serve().isCancelled()) {
                Ending ending = loan.hasBytes() ? Ending.FAILED : loan.ending();
                frames.add(FrameType.END, loan.serve().request(), loan.block(), ending.code(), 1);
            }
            done();
            return 0;
        }
        int slices = loan.slices(credit);
        if (slices == 0) {
            return -1;
        }
        loan.addTo(frames, slices);
        long bytes = (long) slices * loan.serve().range().sliceBytes();
        credit -= bytes;
        if (loan.isSent()) {
            done();
        }
        return bytes;
    }

    private void done() {
        Loan loan = ready.poll();
        sending.add(loan);
        settle(loan.serve());
    }

    /** What was collected is on its way: blocks go back to their lenders. */
    void flushed() {
        if (!sending.isEmpty()) {
            sending.forEach(Loan::giveBack);
            synchronized (this) {
                lent -= sending.size();
            }
            sending.clear();
        }
    }

    /** Gives everything back; the writer is at its end, the connection closed. */
    void end() {
        List<Loan> left;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(ready);
            ready.clear();
        }
        left.addAll(sending);
        sending.clear();
        left.forEach(Loan::giveBack);
    }
}
