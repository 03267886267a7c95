package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers that began together and go on until they are closed or have all their tokens, with the
 * time of every token.
 *
 * <p>Threads: one opens, waits and closes; each answer is read on a virtual thread of its own. The
 * times may be read once it is closed.
 */
final class Answers implements AutoCloseable {

    private final LoadClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Times> answers = new ArrayList<>();
    private volatile boolean closed;

    Answers(ServerUnderTest server, Requests requests, List<List<Message>> prompts, int tokens) {
        this.client = server.client();
        Requests counted = requests.with("stream_options", Streams.EVERY_CHUNK_COUNTED);
        for (List<Message> prompt : prompts) {
            Times times = new Times(tokens);
            answers.add(times);
            threads.execute(
                    () -> {
                        client.stream(counted.ask(prompt, tokens, false), times::came);
                        times.ended();
                    });
        }
    }

    /** Waits until every answer has so many tokens, or has ended. */
    void awaitTokens(int count) throws InterruptedException {
        for (Times each : answers) {
            each.await(count);
        }
    }

    /** Tokens that the longest answer has. */
    int most() {
        return answers.stream().mapToInt(Times::count).max().orElse(0);
    }

    /**
     * How many times longer these answers took for the tokens that came between two moments than
     * others took for the same tokens; NaN if no answer has two tokens there.
     */
    double slowerThan(Answers undisturbed, long fromNanos, long toNanos) {
        long here = 0;
        long there = 0;
        for (int i = 0; i < answers.size(); i++) {
            Times mine = answers.get(i);
            Times other = undisturbed.answers.get(i);
            int first = mine.until(fromNanos);
            int last = Math.min(mine.until(toNanos), other.count()) - 1;
            if (last > first) {
                here += mine.between(first, last);
                there += other.between(first, last);
            }
        }
        return (double) here / there;
    }

    /** Nanoseconds per token of all that came between two moments; NaN if hardly any did. */
    double nanosPerToken(long fromNanos, long toNanos) {
        long nanos = 0;
        long tokens = 0;
        for (Times each : answers) {
            int first = each.until(fromNanos);
            int last = each.until(toNanos) - 1;
            if (last > first) {
                nanos += each.between(first, last);
                tokens += last - first;
            }
        }
        return (double) nanos / tokens;
    }

    /** Breaks off what has not ended. */
    @Override
    public void close() {
        closed = true;
        client.close();
        threads.close();
    }

    /** When each token of an answer came; those of one chunk came together. */
    private final class Times {

        private final long[] nanos;
        private final List<Awaited> awaited = new ArrayList<>();
        private int count;
        private boolean ended;

        Times(int most) {
            nanos = new long[most];
        }

        private record Awaited(int tokens, CountDownLatch reached) {}

        synchronized boolean came(long tokens, long now) {
            while (count < Math.min(tokens, nanos.length)) {
                nanos[count++] = now;
            }
            wake();
            return !closed;
        }

        synchronized void ended() {
            ended = true;
            wake();
        }

        private void wake() {
            awaited.removeIf(
                    each -> {
                        boolean over = ended || count >= each.tokens();
                        if (over) {
                            each.reached().countDown();
                        }
                        return over;
                    });
        }

        void await(int tokens) throws InterruptedException {
            Awaited waiting = new Awaited(tokens, new CountDownLatch(1));
            synchronized (this) {
                awaited.add(waiting);
                wake();
            }
            waiting.reached().await();
        }

        synchronized int count() {
            return count;
        }

        /** Tokens that had come by then. */
        synchronized int until(long moment) {
            int tokens = 0;
            while (tokens < count && nanos[tokens] < moment) {
                tokens++;
            }
            return tokens;
        }

        synchronized long between(int first, int last) {
            return nanos[last] - nanos[first];
        }
    }
}
