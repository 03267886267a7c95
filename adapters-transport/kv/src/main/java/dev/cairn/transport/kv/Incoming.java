package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.system.Clock;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/**
 * A connection from a peer that pulls blocks from here. One thread reads its requests, another one
 * sends.
 *
 * <p>Threads: any may {@link #close}.
 */
final class Incoming implements Watched {

    private static final System.Logger LOGGER = System.getLogger(Incoming.class.getName());

    private final String peer;
    private final Pipe pipe;
    private final Handshake handshake;
    private final BlockSource source;
    private final KvOptions options;
    private final Clock clock;
    private final Complaints complaints;
    private final Consumer<Incoming> over;
    private final Bell room = new Bell();
    private final Thread reader;

    private volatile Serving serving;
    private volatile boolean closed;
    private volatile long heardNanos;
    private volatile long writingNanos;

    /**
     * @param over hears when nothing is left of it, on its reading thread
     */
    Incoming(
            String peer,
            Pipe pipe,
            Handshake handshake,
            BlockSource source,
            KvOptions options,
            Clock clock,
            Complaints complaints,
            Consumer<Incoming> over) {
        this.peer = peer;
        this.pipe = pipe;
        this.handshake = handshake;
        this.source = source;
        this.options = options;
        this.clock = clock;
        this.complaints = complaints;
        this.over = over;
        this.heardNanos = clock.nanos();
        this.reader = Thread.ofPlatform().daemon().name("kv-serve-" + peer).unstarted(this::run);
    }

    void start() {
        reader.start();
    }

    void close() {
        closed = true;
        Serving current = serving;
        if (current != null) {
            current.close();
        }
        room.close();
        pipe.close();
    }

    void join() {
        Threads.join(reader);
    }

    /** A peer says something several times within the time after which we would give it up. */
    @Override
    public void check(long nanos) {
        long timeout = options.times().timeout().toNanos();
        long writing = writingNanos;
        if (nanos - heardNanos > 2 * timeout || (writing != 0 && nanos - writing > timeout)) {
            LOGGER.log(Level.DEBUG, "peer {0} is silent or takes nothing; closed", peer);
            close();
        }
    }

    private void run() {
        Session session = null;
        Thread writer = null;
        try {
            session = handshake.serving(pipe);
            heardNanos = clock.nanos();
            Session agreed = session;
            Serving current = new Serving(source, options, clock, session.credit());
            serving = current;
            writer =
                    Thread.ofPlatform()
                            .daemon()
                            .name(Thread.currentThread().getName() + "-send")
                            .start(() -> write(current, agreed));
            read(session.frames());
        } catch (EOFException e) {
            LOGGER.log(Level.DEBUG, "peer {0} {1}", peer, e.getMessage());
        } catch (ProtocolException | RefusedException e) {
            complaints.about(peer, e.getMessage());
        } catch (IOException | RuntimeException e) {
            LOGGER.log(closed ? Level.DEBUG : Level.INFO, "peer {0} is gone: {1}", peer, e);
        }
        close();
        if (writer != null) {
            Threads.join(writer);
        }
        if (session != null) {
            session.ring().ifPresent(Ring::close);
        }
        over.accept(this);
    }

    private void read(FrameReader frames) throws IOException {
        while (!closed) {
            Frame frame = frames.next();
            heardNanos = clock.nanos();
            switch (frame.type) {
                case OPEN -> serving.open(frame.request, Wire.kind(frames.body()));
                case PULL -> serving.pull(frame, frames.body());
                case CANCEL -> serving.cancel(frame.request);
                case CREDIT -> serving.grant(Integer.toUnsignedLong(frame.block));
                case PING -> serving.pong();
                case DOORBELL -> room.ring();
                case CHALLENGE, HELLO, WELCOME, REFUSAL, RING, OPENED, DATA, END, PONG ->
                        throw new ProtocolException("sent %s to who serves".formatted(frame.type));
            }
        }
    }

    private void write(Serving current, Session session) {
        FrameWriter frames =
                session.ring()
                        .map(ring -> new RingSink(ring, room, session.answers()))
                        .map(FrameWriter::new)
                        .orElse(session.answers());
        try {
            current.lend();
            while (current.collect(frames)) {
                writingNanos = clock.nanos();
                frames.flush();
                writingNanos = 0;
                current.flushed();
                current.lend();
            }
        } catch (IOException | RuntimeException | InternalError e) {
            LOGGER.log(Level.DEBUG, "peer {0} took nothing more: {1}", peer, e);
        } finally {
            close();
            current.end();
        }
    }
}
