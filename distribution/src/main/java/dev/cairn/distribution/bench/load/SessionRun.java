package dev.cairn.distribution.bench.load;

import dev.cairn.distribution.bench.client.Ask;
import dev.cairn.distribution.bench.client.Listener;
import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.client.Streamed.Problem;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.prompt.Session;
import dev.cairn.distribution.bench.prompt.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * One session: each turn goes out when the turns that it builds on were answered, so that subagents
 * run side by side. A turn whose predecessor failed is skipped.
 */
final class SessionRun {

    private final LoadClient client;
    private final Requests requests;
    private final Progress progress;
    private final Session session;
    private final long begin;
    private final long due;
    private final Semaphore places;
    private final Consumer<RequestRecord> records;
    private final List<CompletableFuture<Optional<Said>>> said = new ArrayList<>();

    /**
     * @param begin of the run, by {@link System#nanoTime}
     * @param due when the session was to begin, from there
     * @param places requests that may run at once
     */
    SessionRun(
            LoadClient client,
            Requests requests,
            Progress progress,
            Session session,
            long begin,
            long due,
            Semaphore places,
            Consumer<RequestRecord> records) {
        this.client = client;
        this.requests = requests;
        this.progress = progress;
        this.session = session;
        this.begin = begin;
        this.due = due;
        this.places = places;
        this.records = records;
    }

    /** Returns when all its turns have ended. */
    void run() {
        session.turns().forEach(_ -> said.add(new CompletableFuture<>()));
        if (session.turns().size() == 1) {
            runTurn(0);
            return;
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < session.turns().size(); i++) {
                int index = i;
                threads.execute(() -> runTurn(index));
            }
        }
    }

    private void runTurn(int index) {
        Optional<Said> answer = Optional.empty();
        try {
            Turn turn = session.turns().get(index);
            Optional<List<Message>> prompt = prompt(turn);
            long ready = index == 0 ? due : System.nanoTime() - begin;
            if (prompt.isPresent()) {
                Streamed streamed = ask(index, prompt.get());
                record(index, ready, streamed);
                answer =
                        streamed.answered()
                                ? Optional.of(new Said(prompt.get(), streamed.text()))
                                : Optional.empty();
            } else {
                record(index, ready, skipped());
            }
        } finally {
            said.get(index).complete(answer);
        }
    }

    /**
     * The whole conversation that a turn asks about; empty if an answer that it needs is missing.
     */
    private Optional<List<Message>> prompt(Turn turn) {
        List<Message> messages = new ArrayList<>();
        if (turn.context() != Turn.NONE) {
            Optional<Said> before = said.get(turn.context()).join();
            if (before.isEmpty()) {
                return Optional.empty();
            }
            messages.addAll(before.get().prompt());
            messages.add(Message.assistant(before.get().answer()));
        }
        StringBuilder results = new StringBuilder();
        for (int join : turn.joins()) {
            Optional<Said> result = said.get(join).join();
            if (result.isEmpty()) {
                return Optional.empty();
            }
            results.append(result.get().answer()).append('\n');
        }
        for (Message message : turn.messages()) {
            messages.add(new Message(message.role(), results + message.content()));
            results.setLength(0);
        }
        return Optional.of(messages);
    }

    private Streamed ask(int index, List<Message> prompt) {
        Ask ask = requests.ask(prompt, session.turns().get(index).outputTokens(), isBuiltOn(index));
        places.acquireUninterruptibly();
        try {
            progress.sent();
            return client.stream(ask, Listener.NONE);
        } finally {
            places.release();
        }
    }

    private boolean isBuiltOn(int index) {
        return session.turns().stream()
                .anyMatch(turn -> turn.context() == index || turn.joins().contains(index));
    }

    private void record(int index, long ready, Streamed streamed) {
        RequestRecord record =
                new RequestRecord(
                        session.index(),
                        index,
                        session.label(),
                        session.turns().get(index),
                        ready,
                        streamed.since(begin));
        records.accept(record);
        progress.ended(streamed.answered(), record.outputTokens());
    }

    private static Streamed skipped() {
        long now = System.nanoTime();
        Problem problem = new Problem(Problem.SKIPPED, "the turn before it failed", false);
        return new Streamed(now, now, new long[0], Optional.empty(), "", Optional.of(problem));
    }

    /** A prompt and its answer. */
    private record Said(List<Message> prompt, String answer) {}
}
