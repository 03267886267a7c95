package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.InferenceService.AnswerListener;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.TokenReport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Events on their way from the core's thread to the thread that writes them to one client.
 *
 * <p>Putting never waits for the client: once {@link #MERGE_FROM} events wait, a delta is appended
 * to the one of its choice that waits already, so that a slow client holds no more than the text of
 * its own answers. Threads: any may put, one takes.
 */
final class AnswerQueue {

    /** Waiting events from which on deltas are merged. */
    static final int MERGE_FROM = 64;

    /** What the taking thread learns. */
    sealed interface Happening {

        /**
         * An event.
         *
         * @param call which of the request's calls it is about
         */
        record Heard(int call, AnswerEvent event) implements Happening {}

        /** Nothing came in time. */
        record Silence() implements Happening {}

        /** Nobody reads the answer. */
        record ClientGone() implements Happening {}

        /** The server ends the request. */
        record Stopped(RequestProblem problem) implements Happening {}
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final Map<Choice, WaitingDelta> lastDelta = new HashMap<>();
    private boolean clientGone;
    private Optional<RequestProblem> stopped = Optional.empty();

    AnswerListener listener(int call) {
        return event -> put(call, event);
    }

    /** Waits for the next thing to happen, at most {@code patience}. */
    Happening take(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long nanos = patience.toNanos();
            while (true) {
                if (clientGone) {
                    return new Happening.ClientGone();
                }
                if (!waiting.isEmpty()) {
                    return new Happening.Heard(waiting.peek().call(), withdrawn());
                }
                if (stopped.isPresent()) {
                    return new Happening.Stopped(stopped.get());
                }
                if (nanos <= 0) {
                    return new Happening.Silence();
                }
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the next {@link #take} would wait. */
    boolean isEmpty() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    void clientGone() {
        lock.lock();
        try {
            clientGone = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Lets what waits be taken, and nothing after it but {@link Happening.Stopped}. */
    void stop(RequestProblem problem) {
        lock.lock();
        try {
            if (stopped.isEmpty()) {
                stopped = Optional.of(problem);
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void put(int call, AnswerEvent event) {
        lock.lock();
        try {
            if (stopped.isPresent() || clientGone) {
                return;
            }
            if (event instanceof AnswerEvent.Delta delta) {
                putDelta(new Choice(call, delta.choice()), delta);
            } else {
                waiting.add(new WaitingEvent(call, event));
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void putDelta(Choice choice, AnswerEvent.Delta delta) {
        WaitingDelta last = lastDelta.get(choice);
        if (last != null && waiting.size() >= MERGE_FROM) {
            last.append(delta);
            return;
        }
        var entry = new WaitingDelta(choice);
        entry.append(delta);
        lastDelta.put(choice, entry);
        waiting.add(entry);
    }

    private AnswerEvent withdrawn() {
        return switch (waiting.remove()) {
            case WaitingEvent(int _, AnswerEvent event) -> event;
            case WaitingDelta delta -> {
                lastDelta.remove(delta.choice, delta);
                yield delta.event();
            }
        };
    }

    private record Choice(int call, int choice) {}

    private sealed interface Waiting {
        int call();
    }

    private record WaitingEvent(int call, AnswerEvent event) implements Waiting {}

    private static final class WaitingDelta implements Waiting {

        private final Choice choice;
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder reasoning = new StringBuilder();
        private final List<AnswerEvent.ToolCallDelta> calls = new ArrayList<>();
        private final List<TokenReport> tokens = new ArrayList<>();

        WaitingDelta(Choice choice) {
            this.choice = choice;
        }

        void append(AnswerEvent.Delta delta) {
            text.append(delta.text());
            reasoning.append(delta.reasoning());
            calls.addAll(delta.calls());
            tokens.addAll(delta.tokens());
        }

        @Override
        public int call() {
            return choice.call();
        }

        AnswerEvent.Delta event() {
            return new AnswerEvent.Delta(
                    choice.choice(), text.toString(), reasoning.toString(), calls, tokens);
        }
    }
}
