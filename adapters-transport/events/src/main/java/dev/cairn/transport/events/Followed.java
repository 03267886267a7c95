package dev.cairn.transport.events;

import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * The sockets to one worker: SUB for its batches, DEALER for what was lost, and a monitor that
 * tells when the connection comes and goes.
 *
 * <p>Threads: the subscriber's.
 */
final class Followed {

    /** First frame of questions about what is held, and of their answers. */
    static final byte[] HELD = "held".getBytes(StandardCharsets.US_ASCII);

    /** Instead of a sequence number, after the last batch that was asked for again. */
    static final long END = -1;

    private static final System.Logger LOG = System.getLogger(Followed.class.getName());

    private static final AtomicLong MONITORS = new AtomicLong();
    private static final int QUEUED = 20_000;
    private static final int RETRY_MILLIS = 100;
    private static final int MOST_RETRY_MILLIS = 1000;

    /** Messages heard of one worker before others have their turn. */
    private static final int MOST_AT_ONCE = 64;

    private static final byte[] NOTHING = {};

    private final ZContext context;
    private final EventAddress address;
    private final KvEventChannel.Listener listener;
    private final int messageBytes;
    private final BatchReader reader;
    private ZMQ.Socket events;
    private ZMQ.Socket monitor;
    private ZMQ.Socket replay;
    private boolean replaying;
    private long malformed;

    Followed(
            ZContext context,
            EventAddress address,
            KvEventChannel.Listener listener,
            int messageBytes) {
        this.context = context;
        this.address = address;
        this.listener = listener;
        this.messageBytes = messageBytes;
        this.reader = new BatchReader(messageBytes);
    }

    void open() {
        events = socket(SocketType.SUB);
        String monitored = "inproc://kv-events-monitor-" + MONITORS.incrementAndGet();
        events.monitor(
                monitored, ZMQ.EVENT_CONNECTED | ZMQ.EVENT_ACCEPTED | ZMQ.EVENT_DISCONNECTED);
        monitor = context.createSocket(SocketType.PAIR);
        monitor.connect(monitored);
        events.subscribe(address.topic().getBytes(ZMQ.CHARSET));
        if (address.bind()) {
            events.bind(address.events());
        } else {
            events.connect(address.events());
        }
    }

    private ZMQ.Socket socket(SocketType type) {
        ZMQ.Socket socket = context.createSocket(type);
        socket.setLinger(0);
        socket.setMaxMsgSize(messageBytes);
        socket.setRcvHWM(QUEUED);
        socket.setReconnectIVL(RETRY_MILLIS);
        socket.setReconnectIVLMax(MOST_RETRY_MILLIS);
        return socket;
    }

    void register(ZMQ.Poller poller) {
        poller.register(events, ZMQ.Poller.POLLIN);
        poller.register(monitor, ZMQ.Poller.POLLIN);
        if (replay != null) {
            poller.register(replay, ZMQ.Poller.POLLIN);
        }
    }

    /** Hears what has come; returns whether there may be more. */
    boolean hear() {
        for (ZMQ.Event event = ZMQ.Event.recv(monitor, ZMQ.DONTWAIT);
                event != null;
                event = ZMQ.Event.recv(monitor, ZMQ.DONTWAIT)) {
            if (event.getEvent() == ZMQ.EVENT_DISCONNECTED) {
                listener.lost("the connection to " + address.events() + " broke");
            } else {
                listener.connected();
            }
        }
        boolean more = replay != null && hearAll(replay, this::heardAgain);
        return more | hearAll(events, this::heard);
    }

    private static boolean hearAll(ZMQ.Socket socket, FramesHeard heard) {
        for (int i = 0; i < MOST_AT_ONCE; i++) {
            List<byte[]> frames = Publisher.receive(socket);
            if (frames.isEmpty()) {
                return false;
            }
            heard.frames(frames);
        }
        return true;
    }

    private interface FramesHeard {

        void frames(List<byte[]> frames);
    }

    /** {@code [topic, sequence, batch]}. */
    private void heard(List<byte[]> frames) {
        if (frames.size() != 3 || frames.get(1).length != Long.BYTES) {
            malformed("a message of " + frames.size() + " frames");
            return;
        }
        KvEventBatch batch = batch(frames.get(1), frames.get(2));
        if (batch != null) {
            listener.batch(batch);
        }
    }

    /**
     * {@code [empty, topic, sequence, batch]}, without the topic from older engines, or an answer
     * about what is held.
     */
    private void heardAgain(List<byte[]> frames) {
        int last = frames.size() - 1;
        if (last < 2 || last > 3 || frames.getFirst().length != 0) {
            malformed("an answer of " + frames.size() + " frames");
        } else if (last == 2 && Arrays.equals(frames.get(1), HELD)) {
            try {
                HoldingsText.tell(frames.get(2), listener);
            } catch (MalformedMessage e) {
                malformed(e.getMessage());
            }
        } else if (frames.get(last - 1).length != Long.BYTES) {
            malformed("a sequence number of " + frames.get(last - 1).length + " bytes");
        } else if (replaying) {
            again(frames.get(last - 1), frames.get(last));
        }
    }

    private void again(byte[] sequence, byte[] payload) {
        if (ByteBuffer.wrap(sequence).getLong() == END && payload.length == 0) {
            replaying = false;
            listener.replayEnded();
            return;
        }
        KvEventBatch batch = batch(sequence, payload);
        if (batch != null) {
            listener.replayed(batch);
        }
    }

    /** A batch that cannot be read is one that is lost. */
    private KvEventBatch batch(byte[] sequence, byte[] payload) {
        long number = ByteBuffer.wrap(sequence).getLong();
        try {
            if (number < 0) {
                throw new MalformedMessage("sequence number " + Long.toUnsignedString(number));
            }
            return reader.read(number, payload);
        } catch (MalformedMessage e) {
            malformed(e.getMessage());
            return null;
        }
    }

    /** The first one is worth a line; who sends rubbish sends much of it. */
    private void malformed(String what) {
        Level level = malformed++ == 0 ? Level.WARNING : Level.DEBUG;
        LOG.log(level, "KV events of {0}: {1}; dropped", address.events(), what);
    }

    void replay(long from) {
        if (address.replay().isEmpty()) {
            listener.replayEnded();
            return;
        }
        if (replaying && replay != null) {
            // What still comes of the question before would pass for an answer to this one.
            context.destroySocket(replay);
            replay = null;
        }
        replaying = true;
        ask(Publisher.number(from));
    }

    /** A question about what is held. */
    void askHeld(byte[] question) {
        if (address.replay().isPresent()) {
            ask(HELD, question);
        }
    }

    /** A socket that is full takes no first frame, and then gets no others. */
    private void ask(byte[]... frames) {
        boolean taken = replaySocket().send(NOTHING, ZMQ.SNDMORE | ZMQ.DONTWAIT);
        for (int i = 0; taken && i < frames.length; i++) {
            replay.send(frames[i], ZMQ.DONTWAIT | (i < frames.length - 1 ? ZMQ.SNDMORE : 0));
        }
    }

    private ZMQ.Socket replaySocket() {
        if (replay == null) {
            replay = socket(SocketType.DEALER);
            replay.connect(address.replay().orElseThrow());
        }
        return replay;
    }

    void close() {
        if (events == null) {
            return;
        }
        events.monitor(null, 0);
        if (monitor != null) {
            context.destroySocket(monitor);
        }
        context.destroySocket(events);
        if (replay != null) {
            context.destroySocket(replay);
        }
    }
}
