package dev.cairn.core.route;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.cache.KvHoldings;
import dev.cairn.ports.system.Completion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Carries events in virtual time: every batch may be lost, the stream and the answers to questions
 * overtake each other, and only the last batches can be asked for again.
 */
final class LossyChannel implements KvEventChannel {

    private static final int SLOWEST_NANOS = 3_000_000;

    private final VirtualDriver driver;
    private final SeededRandom random;
    private final boolean tellsHoldings;
    private final double loss;
    private final int replayBatches;
    private final Map<String, Stream> streams = new HashMap<>();
    private final Map<String, List<Heard>> listeners = new HashMap<>();

    LossyChannel(
            VirtualDriver driver,
            SeededRandom random,
            boolean tellsHoldings,
            double loss,
            int replayBatches) {
        this.driver = driver;
        this.random = random;
        this.tellsHoldings = tellsHoldings;
        this.loss = loss;
        this.replayBatches = replayBatches;
    }

    @Override
    public String dialect() {
        return "lossy";
    }

    @Override
    public boolean tellsHoldings() {
        return tellsHoldings;
    }

    @Override
    public Publication publish(PublishedAt at, KvHoldings holdings) {
        Stream stream = new Stream(at.address(), holdings);
        streams.put(at.address(), stream);
        heard(at.address()).forEach(heard -> heard.say(Listener::connected));
        return stream;
    }

    @Override
    public Subscription subscribe(String address, Listener listener) {
        Heard heard = new Heard(address, listener);
        heard(address).add(heard);
        return heard;
    }

    private List<Heard> heard(String address) {
        return listeners.computeIfAbsent(address, _ -> new ArrayList<>());
    }

    @Override
    public void close() {
        listeners.clear();
    }

    private final class Stream implements Publication {

        private final String address;
        private final KvHoldings holdings;
        private final Deque<KvEventBatch> kept = new ArrayDeque<>();
        private boolean closed;

        Stream(String address, KvHoldings holdings) {
            this.address = address;
            this.holdings = holdings;
        }

        @Override
        public void publish(KvEventBatch batch) {
            if (closed) {
                return;
            }
            kept.addLast(batch);
            if (kept.size() > replayBatches) {
                kept.removeFirst();
            }
            for (Heard heard : heard(address)) {
                if (random.nextDouble() >= loss) {
                    heard.say(listener -> listener.batch(batch));
                }
            }
        }

        @Override
        public String address() {
            return address;
        }

        @Override
        public long dropped() {
            return 0;
        }

        @Override
        public void close() {
            closed = true;
            streams.remove(address);
            heard(address).forEach(heard -> heard.say(listener -> listener.lost("closed")));
        }
    }

    private final class Heard implements Subscription {

        private final String address;
        private final Listener listener;
        private long lastStream;
        private long lastAnswer;
        private int replays;

        Heard(String address, Listener listener) {
            this.address = address;
            this.listener = listener;
        }

        /** On the stream's connection, in order. */
        private void say(Consumer<Listener> word) {
            lastStream = Math.max(lastStream, soon());
            driver.schedule(lastStream, () -> word.accept(listener));
        }

        /** On the connection of questions, in order. */
        private void answer(Consumer<Listener> word) {
            lastAnswer = Math.max(lastAnswer, soon());
            driver.schedule(lastAnswer, () -> word.accept(listener));
        }

        private long soon() {
            return driver.nanos() + random.nextInt(SLOWEST_NANOS);
        }

        private void ask(Consumer<Stream> question) {
            driver.schedule(
                    soon(),
                    () -> {
                        if (streams.get(address) != null) {
                            question.accept(streams.get(address));
                        }
                    });
        }

        @Override
        public void replay(long fromSequence) {
            int number = ++replays;
            ask(
                    stream -> {
                        for (KvEventBatch batch : stream.kept) {
                            if (batch.sequence() >= fromSequence) {
                                again(number, to -> to.replayed(batch));
                            }
                        }
                        again(number, Listener::replayEnded);
                    });
        }

        /** Answers to a question that another has replaced are not heard. */
        private void again(int number, Consumer<Listener> word) {
            answer(
                    to -> {
                        if (number == replays) {
                            word.accept(to);
                        }
                    });
        }

        @Override
        public void askDigests() {
            ask(
                    stream ->
                            stream.holdings.digests(
                                    told(digests -> answer(to -> to.digests(digests)))));
        }

        @Override
        public void askKeys(String tier, int range) {
            ask(
                    stream ->
                            stream.holdings.keys(
                                    tier, range, told(keys -> answer(to -> to.keys(keys)))));
        }

        private <T> Completion<T> told(Consumer<T> answer) {
            return new Completion<>() {
                @Override
                public void completed(T value) {
                    answer.accept(value);
                }

                @Override
                public void failed(Throwable failure) {
                    throw new AssertionError(failure);
                }
            };
        }

        @Override
        public void close() {
            heard(address).remove(this);
        }
    }
}
