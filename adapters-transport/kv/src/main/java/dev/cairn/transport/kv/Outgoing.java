package dev.cairn.transport.kv;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.system.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A connection to a peer whose blocks are pulled. One thread reads, verifies and tells; another one
 * asks. What the peer has heard of ends on the reading thread alone, so nothing is written after an
 * end.
 *
 * <p>Threads: any may {@link #submit}, {@link #cancel} and {@link #close}.
 */
final class Outgoing implements Watched {

    /** Opens the way to a peer; may wait. */
    interface Dial {

        Pipe connect() throws IOException;
    }

    /** Hears what becomes of a connection, on its reading thread. */
    interface Owner {

        /** The peer talks to us. */
        void connected(String path);

        /** The peer has no blocks of a kind that it was asked for. */
        void refused(String why);

        /** All blocks of a pull have ended. */
        void over(Pull pull);

        /**
         * Nothing more comes; what is under way ends next.
         *
         * @param failure null if the connection was not in use
         */
        void ended(Outgoing connection, Exception failure);
    }

    private final Dial dial;
    private final Handshake handshake;
    private final Owner owner;
    private final KvOptions options;
    private final Clock clock;
    private final Asking asking;
    private final Thread reader;
    private final CRC32C crc = new CRC32C();

    /** Of the reading thread. */
    private long creditLeft;

    private long creditUsed;

    /** Of the watch. */
    private long pingedNanos;

    private volatile Pipe pipe;
    private volatile boolean ready;
    private volatile String closedBecause = "";
    private volatile long heardNanos;
    private volatile long progressNanos;
    private volatile long writingNanos;

    Outgoing(
            String name,
            Dial dial,
            Handshake handshake,
            Owner owner,
            KvOptions options,
            Clock clock) {
        this.dial = dial;
        this.handshake = handshake;
        this.owner = owner;
        this.options = options;
        this.clock = clock;
        this.asking = new Asking(clock);
        this.heardNanos = clock.nanos();
        this.progressNanos = heardNanos;
        this.reader = Thread.ofPlatform().daemon().name("kv-pull-" + name).unstarted(this::run);
    }

    void start() {
        reader.start();
    }

    /**
     * @return false if the connection cannot take it
     */
    boolean submit(Pull pull) {
        if (asking.blocks() == 0) {
            progressNanos = clock.nanos();
        }
        return asking.submit(pull);
    }

    void cancel(Pull pull) {
        asking.cancel(pull);
    }

    /** Blocks that wait or are under way. */
    int blocks() {
        return asking.blocks();
    }

    /**
     * Ends the connection; its pulls end on the reading thread soon.
     *
     * @param because for the log; empty = in peace
     */
    void close(String because) {
        if (asking.close()) {
            closedBecause = because;
        }
        Pipe open = pipe;
        if (open != null) {
            open.close();
        }
    }

    void join() {
        Threads.join(reader);
    }

    @Override
    public void check(long nanos) {
        KvOptions.Times times = options.times();
        long timeout = times.timeout().toNanos();
        if (!ready) {
            if (nanos - heardNanos > 2 * timeout) {
                close("did not finish its handshake in time");
            }
            return;
        }
        if (nanos - pingedNanos > timeout / 4) {
            pingedNanos = nanos;
            asking.ping();
        }
        boolean idle = asking.blocks() == 0;
        long writing = writingNanos;
        if (nanos - heardNanos > timeout) {
            close("has been silent for more than " + times.timeout().toMillis() + " ms");
        } else if (writing != 0 && nanos - writing > timeout) {
            close("takes no requests");
        } else if (!idle && nanos - progressNanos > times.stall().toNanos()) {
            close("sent no block for more than " + times.stall().toMillis() + " ms");
        } else if (idle && nanos - progressNanos > times.idle().toNanos()) {
            close("");
        }
    }

    private void run() {
        Exception failure;
        Thread writer = null;
        Session session = null;
        try {
            session = greet();
            FrameWriter frames = session.answers();
            writer =
                    Thread.ofPlatform()
                            .daemon()
                            .name(Thread.currentThread().getName() + "-ask")
                            .start(() -> write(frames));
            failure = read(answers(session));
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        boolean inUse = !ready || asking.blocks() > 0;
        close(String.valueOf(failure.getMessage()));
        if (writer != null) {
            Threads.join(writer);
        }
        if (session != null) {
            session.ring().ifPresent(Ring::close);
        }
        boolean refused = failure instanceof RefusedException;
        // What was seen first is why; that the connection then broke is not.
        Exception reason = refused ? failure : new IOException(closedBecause, failure);
        owner.ended(this, inUse ? reason : null);
        asking.endAll(refused ? GetOutcome.REFUSED : GetOutcome.FAILED);
    }

    private Session greet() throws IOException {
        Pipe opened = dial.connect();
        pipe = opened;
        if (asking.isClosed()) {
            throw new IOException(closedBecause);
        }
        Session session = handshake.pulling(opened);
        creditLeft = session.credit();
        heardNanos = clock.nanos();
        progressNanos = heardNanos;
        ready = true;
        owner.connected(session.ring().isPresent() ? "shared-memory" : opened.name());
        return session;
    }

    private FrameReader answers(Session session) {
        return session.ring()
                .map(ring -> new RingSource(ring, session.frames(), asking::ringDoorbell))
                .map(ring -> new FrameReader(ring, FrameType.DATA.mostBodyBytes()))
                .orElse(session.frames());
    }

    /**
     * @return why it came to an end
     */
    private Exception read(FrameReader frames) {
        try {
            while (true) {
                take(frames.next(), frames);
                heardNanos = clock.nanos();
            }
        } catch (IOException | RuntimeException e) {
            return e;
        } catch (InternalError e) {
            return new IOException("took away memory that it shared", e);
        }
    }

    private void take(Frame frame, FrameReader frames) throws IOException {
        switch (frame.type) {
            case DATA -> data(frame, frames);
            case END -> end(frame);
            case OPENED -> opened(frame, frames.body());
            case PONG -> {}
            case CHALLENGE,
                    HELLO,
                    WELCOME,
                    REFUSAL,
                    RING,
                    OPEN,
                    PULL,
                    CANCEL,
                    CREDIT,
                    PING,
                    DOORBELL ->
                    throw new ProtocolException("sent %s to who pulls".formatted(frame.type));
        }
    }

    private void data(Frame frame, FrameReader frames) throws IOException {
        if (frame.payloadBytes > creditLeft) {
            throw new ProtocolException("sent more than it was granted");
        }
        creditLeft -= frame.payloadBytes;
        Pull pull = asking.underWay(frame.request);
        ByteBuffer room = pull == null ? null : pull.room(frame);
        if (room == null) {
            frames.skipPayload();
        } else {
            frames.payload(room);
            verify(pull, frame, room, frames.body());
        }
        giveBack(frame.payloadBytes);
        settle(pull);
    }

    /** Every slice against its checksum, now that it lies where it will be used. */
    private void verify(Pull pull, Frame frame, ByteBuffer view, ByteBuffer checksums) {
        long nanos = clock.nanos();
        int slice = pull.range().sliceBytes();
        int begin = view.limit() - frame.payloadBytes;
        for (int i = 0; i < frame.count && !pull.hasEnded(frame.block); i++) {
            int at = begin + i * slice;
            crc.reset();
            crc.update(view.limit(at + slice).position(at));
            int checksum = checksums.getInt();
            boolean matches = (int) crc.getValue() == checksum;
            pull.arrived(frame.block, frame.layer + i, checksum, matches, nanos);
        }
        progressNanos = nanos;
    }

    private void giveBack(int bytes) {
        creditUsed += bytes;
        if (creditUsed >= options.limits().credit() / 4) {
            creditLeft += creditUsed;
            asking.give(creditUsed);
            creditUsed = 0;
        }
    }

    private void end(Frame frame) throws ProtocolException {
        Ending ending = Ending.of(frame.layer);
        Pull pull = asking.underWay(frame.request);
        if (pull == null) {
            return;
        }
        if (frame.block < 0 || frame.count < 1 || frame.count > pull.size() - frame.block) {
            throw new ProtocolException(
                    "ended %d blocks from %d of %d"
                            .formatted(frame.count, frame.block, pull.size()));
        }
        for (int block = frame.block; block < frame.block + frame.count; block++) {
            pull.ended(block, ending.outcome());
        }
        progressNanos = clock.nanos();
        settle(pull);
    }

    private void settle(Pull pull) {
        if (pull != null && pull.isOver()) {
            asking.release(pull);
            owner.over(pull);
        }
    }

    private void opened(Frame frame, ByteBuffer body) throws ProtocolException {
        AskedKind asked = asking.kind(frame.request);
        if (frame.count == 0) {
            asked.refuse();
            owner.refused(Wire.text(body));
        } else {
            asked.opened(Wire.kind(body));
        }
    }

    private void write(FrameWriter frames) {
        try {
            while (asking.collect(frames)) {
                writingNanos = clock.nanos();
                frames.flush();
                writingNanos = 0;
            }
        } catch (IOException | RuntimeException e) {
            close("could not be asked: " + e.getMessage());
        }
    }
}
