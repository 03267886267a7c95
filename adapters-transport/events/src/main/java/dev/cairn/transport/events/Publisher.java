package dev.cairn.transport.events;

import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.cache.KvHoldings;
import dev.cairn.ports.system.Completion;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * One worker's stream: a PUB socket for batches and a ROUTER socket that is asked for those that
 * were lost, and for what is held. One thread has both.
 *
 * <p>Threads: any; {@link #run} is the thread's.
 */
final class Publisher implements KvEventChannel.Publication, Runnable {

    private static final System.Logger LOG = System.getLogger(Publisher.class.getName());

    private static final int QUESTION_BYTES = 4096;
    private static final int MOST_QUESTIONS = 1024;
    private static final byte[] NOTHING = {};

    private final Dialect dialect;
    private final KvHoldings holdings;
    private final BatchWriter writer;
    private final int messageBytes;
    private final byte[] topic;
    private final ReplayBuffer kept;
    private final ArrayBlockingQueue<KvEventBatch> queue;
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger questions = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final Waker waker = new Waker();
    private final ZContext context = new ZContext(1);
    private final ZMQ.Socket events;
    private final ZMQ.Socket replay;
    private final EventAddress address;
    private final Thread thread;
    private volatile boolean closed;

    /** To whom, and what. */
    private record Answer(byte[] asker, byte[] text) {}

    /**
     * Binds its sockets and starts.
     *
     * @throws IllegalArgumentException if an address is none, or taken
     */
    Publisher(
            Dialect dialect,
            EventOptions options,
            KvEventChannel.PublishedAt at,
            KvHoldings holdings) {
        this.dialect = dialect;
        this.holdings = holdings;
        this.writer = new BatchWriter(dialect.form(), options.wholeHashes());
        this.messageBytes = options.limits().messageBytes();
        this.topic =
                options.topic()
                        .replace("{worker}", at.worker())
                        .replace("{model}", at.model())
                        .getBytes(ZMQ.CHARSET);
        this.queue = new ArrayBlockingQueue<>(options.limits().queue());
        this.kept =
                new ReplayBuffer(options.limits().replayBatches(), options.limits().replayBytes());
        this.events = context.createSocket(SocketType.PUB);
        this.replay = context.createSocket(SocketType.ROUTER);
        events.setLinger(0);
        replay.setLinger(0);
        events.setMaxMsgSize(QUESTION_BYTES);
        replay.setMaxMsgSize(QUESTION_BYTES);
        events.setSndHWM(options.limits().queue());
        // A whole answer fits: what a socket cannot queue for somebody it drops.
        replay.setSndHWM(options.limits().replayBatches() + MOST_QUESTIONS);
        this.address = bind(options, at);
        this.thread = Thread.ofPlatform().name("kv-events-publisher").daemon().unstarted(this);
        thread.start();
    }

    private EventAddress bind(EventOptions options, KvEventChannel.PublishedAt at) {
        EventAddress configured =
                EventAddress.parse(
                        at.address().isEmpty()
                                ? options.address() + ";replay=" + options.replayAddress()
                                : at.address());
        String eventsAt = bind(events, configured.events());
        String replayAt = bind(replay, configured.replay().orElse("tcp://127.0.0.1:*"));
        return EventAddress.parse(
                reached(eventsAt, options) + ";replay=" + reached(replayAt, options));
    }

    private String bind(ZMQ.Socket socket, String endpoint) {
        try {
            socket.bind(endpoint);
            return socket.getLastEndpoint();
        } catch (ZMQException | IllegalArgumentException e) {
            context.close();
            waker.close();
            throw new IllegalArgumentException(
                    "KV events cannot be published at %s: %s".formatted(endpoint, e.getMessage()),
                    e);
        }
    }

    private static String reached(String endpoint, EventOptions options) {
        int port = endpoint.lastIndexOf(':');
        return options.advertisedHost()
                .filter(_ -> endpoint.startsWith("tcp://"))
                .map(host -> "tcp://" + host + endpoint.substring(port))
                .orElse(endpoint);
    }

    @Override
    public void publish(KvEventBatch batch) {
        if (!queue.offer(batch)) {
            dropped.incrementAndGet();
        }
        waker.wake();
    }

    @Override
    public String address() {
        return address.toString();
    }

    @Override
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void run() {
        try (ZMQ.Poller poller = context.createPoller(2)) {
            poller.register(waker.channel(), ZMQ.Poller.POLLIN);
            poller.register(replay, ZMQ.Poller.POLLIN);
            while (!closed) {
                poller.poll(-1);
                waker.awake();
                publishQueued();
                for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
                    send(answer.asker, Followed.HELD, answer.text);
                }
                hearQuestions();
            }
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.log(Level.ERROR, "KV events are published no more", e);
            }
        } finally {
            context.close();
            waker.close();
        }
    }

    private void publishQueued() {
        for (KvEventBatch batch = queue.poll(); batch != null; batch = queue.poll()) {
            byte[] payload = writer.write(batch);
            if (payload.length > messageBytes) {
                dropped.incrementAndGet();
                continue;
            }
            events.send(topic, ZMQ.SNDMORE);
            events.send(number(batch.sequence()), ZMQ.SNDMORE);
            events.send(payload, 0);
            kept.add(batch.sequence(), payload);
        }
    }

    private void hearQuestions() {
        for (int i = 0; i < MOST_QUESTIONS; i++) {
            List<byte[]> frames = receive(replay);
            if (frames.isEmpty()) {
                return;
            }
            answer(frames);
        }
        waker.wake();
    }

    /** {@code [asker, empty, from]} as vLLM has it, or {@code [asker, empty, "held", question]}. */
    private void answer(List<byte[]> frames) {
        if (frames.size() == 3 && frames.get(1).length == 0 && frames.get(2).length == 8) {
            replay(frames.getFirst(), ByteBuffer.wrap(frames.get(2)).getLong());
        } else if (frames.size() == 4
                && dialect == Dialect.CAIRN
                && Arrays.equals(frames.get(2), Followed.HELD)) {
            try {
                ask(frames.getFirst(), HoldingsText.question(frames.get(3)));
            } catch (MalformedMessage e) {
                LOG.log(Level.DEBUG, "a question that is none: {0}", e.getMessage());
            }
        }
    }

    private void replay(byte[] asker, long from) {
        kept.from(
                from,
                (sequence, payload) -> {
                    replay.send(asker, ZMQ.SNDMORE);
                    replay.send(NOTHING, ZMQ.SNDMORE);
                    replay.send(topic, ZMQ.SNDMORE);
                    replay.send(number(sequence), ZMQ.SNDMORE);
                    replay.send(payload, 0);
                });
        replay.send(asker, ZMQ.SNDMORE);
        replay.send(NOTHING, ZMQ.SNDMORE);
        replay.send(NOTHING, ZMQ.SNDMORE);
        replay.send(number(Followed.END), ZMQ.SNDMORE);
        replay.send(NOTHING, 0);
    }

    private void send(byte[] asker, byte[] kind, byte[] text) {
        replay.send(asker, ZMQ.SNDMORE);
        replay.send(NOTHING, ZMQ.SNDMORE);
        replay.send(kind, ZMQ.SNDMORE);
        replay.send(text, 0);
    }

    private void ask(byte[] asker, HoldingsText.Question question) {
        if (questions.get() >= MOST_QUESTIONS) {
            return;
        }
        questions.incrementAndGet();
        switch (question) {
            case HoldingsText.Question.AllDigests() ->
                    holdings.digests(
                            new Reply<>() {
                                @Override
                                byte[] text(KvHoldings.Digests digests) {
                                    return HoldingsText.answer(digests);
                                }

                                @Override
                                byte[] asker() {
                                    return asker;
                                }
                            });
            case HoldingsText.Question.KeysOf(String tier, int range) ->
                    holdings.keys(
                            tier,
                            range,
                            new Reply<>() {
                                @Override
                                byte[] text(KvHoldings.Keys keys) {
                                    return HoldingsText.answer(keys);
                                }

                                @Override
                                byte[] asker() {
                                    return asker;
                                }
                            });
        }
    }

    /** Sends what was found out, from the thread that has the socket. */
    private abstract class Reply<T> implements Completion<T> {

        abstract byte[] text(T found);

        abstract byte[] asker();

        @Override
        public void completed(T found) {
            questions.decrementAndGet();
            answers.add(new Answer(asker(), text(found)));
            waker.wake();
        }

        @Override
        public void failed(Throwable failure) {
            questions.decrementAndGet();
            LOG.log(Level.WARNING, "nobody can say what is held", failure);
        }
    }

    static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    /** A message that has come, frame by frame; empty if there is none. */
    static List<byte[]> receive(ZMQ.Socket socket) {
        List<byte[]> frames = new ArrayList<>();
        byte[] frame = socket.recv(ZMQ.DONTWAIT);
        while (frame != null) {
            frames.add(frame);
            frame = socket.hasReceiveMore() ? socket.recv(ZMQ.DONTWAIT) : null;
        }
        return frames;
    }

    @Override
    public void close() {
        closed = true;
        waker.wake();
    }

    /** Waits until its sockets are closed. */
    void awaitEnd() {
        Threads.join(thread);
    }
}
