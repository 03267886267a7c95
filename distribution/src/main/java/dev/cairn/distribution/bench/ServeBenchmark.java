package dev.cairn.distribution.bench;

import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.load.LoadRun;
import dev.cairn.distribution.bench.load.LoadSummary;
import dev.cairn.distribution.bench.load.Pace;
import dev.cairn.distribution.bench.load.Progress;
import dev.cairn.distribution.bench.load.RequestRecord;
import dev.cairn.distribution.bench.prompt.PromptSet;
import dev.cairn.distribution.bench.prompt.Session;
import dev.cairn.distribution.bench.prompt.Trace;
import dev.cairn.distribution.bench.report.LoadReport;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.ports.system.JsonWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Load on one server, one prompt set after the other.
 *
 * <p>Threads: {@link #run} by one, {@link #stop} by any.
 */
public final class ServeBenchmark {

    private static final int DEFAULT_STREAMS = 16;

    private final ServerUnderTest server;
    private final ServeOptions options;
    private final Display display;
    private final AtomicReference<LoadRun> running = new AtomicReference<>();
    private volatile boolean stopped;

    public ServeBenchmark(ServerUnderTest server, ServeOptions options, Display display) {
        this.server = server;
        this.options = options;
        this.display = display;
    }

    /** Shows how a run goes on. */
    public interface Display {

        /** A run of that many requests begins. */
        Progress begin(String name, int requests);

        /** It has ended. */
        void end();
    }

    /**
     * The report of every set; those after {@link #stop} are left out.
     *
     * @throws IOException if the trace cannot be read, or records cannot be saved
     */
    public List<LoadReport> run() throws IOException {
        if (options.save().isPresent()) {
            Files.writeString(options.save().get(), "");
        }
        List<LoadReport> reports = new ArrayList<>();
        for (Load load : loads()) {
            try {
                if (!stopped) {
                    reports.add(run(load));
                }
            } catch (UncheckedIOException broken) {
                // The prompts that were being made when the user had enough are not asked for.
                if (!stopped) {
                    throw broken.getCause();
                }
            }
        }
        return reports;
    }

    /** Ends the run early; {@link #run} then reports what there is. */
    public void stop() {
        stopped = true;
        server.control().cancelAll();
        LoadRun run = running.get();
        if (run != null) {
            run.stop();
        }
    }

    /** What the server is, in a line. */
    public String subject() {
        return "%s at %s by %s, %s"
                .formatted(
                        server.model(),
                        server.url(),
                        server.api().path(),
                        server.writer().exact()
                                ? "prompts of exact lengths by its /tokenize"
                                : "lengths of prompts approximate: it has no /tokenize");
    }

    private List<Load> loads() throws IOException {
        if (options.trace().isPresent()) {
            return List.of(new Load("trace", this::traced));
        }
        List<Load> loads = new ArrayList<>();
        for (PromptSet set : options.sets()) {
            loads.add(new Load(set.label(), () -> set.generate(options.shape(), server.writer())));
        }
        return loads;
    }

    private List<Session> traced() throws IOException {
        Path file = options.trace().orElseThrow();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return Trace.read(reader, file.toString(), options.shape().requests())
                    .sessions(server.writer(), options.lengthScale(), options.shape().seed());
        }
    }

    private LoadReport run(Load load) throws IOException {
        List<Session> sessions = load.sessions().make();
        Pace pace = pace(sessions);
        int requests = sessions.stream().mapToInt(session -> session.turns().size()).sum();
        warmUp(sessions);
        LoadRun.Outcome outcome;
        try (LoadClient client = server.client()) {
            LoadRun run =
                    new LoadRun(
                            client,
                            server.requests(options.extra()),
                            display.begin(load.name(), requests));
            running.set(run);
            if (stopped) {
                run.stop();
            }
            outcome = run.run(sessions, pace);
        } finally {
            running.set(null);
            display.end();
        }
        save(load.name(), outcome.records());
        return new LoadReport(
                load.name(),
                sessions.size(),
                requests,
                pace,
                outcome,
                LoadSummary.of(outcome, options.slo()),
                options.slo());
    }

    private Pace pace(List<Session> sessions) {
        if (options.rate().isPresent()) {
            return Pace.gamma(
                    sessions.size(),
                    options.rate().getAsDouble(),
                    options.burstiness(),
                    options.shape().seed());
        }
        return options.trace().isPresent() && options.streams().isEmpty()
                ? Pace.ofTrace(sessions, options.traceSpeed())
                : new Pace.Closed(options.streams().orElse(DEFAULT_STREAMS));
    }

    /** The last sessions first, so that the measured ones find no more cached than they would. */
    private void warmUp(List<Session> sessions) {
        if (options.warmup() > 0 && !stopped) {
            List<Session> last =
                    sessions.reversed().subList(0, Math.min(options.warmup(), sessions.size()));
            try (LoadClient client = server.client()) {
                new LoadRun(client, server.requests(options.extra()), Progress.SILENT)
                        .run(last, new Pace.Closed(DEFAULT_STREAMS));
            }
        }
    }

    private void save(String name, List<RequestRecord> records) throws IOException {
        if (options.save().isEmpty()) {
            return;
        }
        try (Writer lines =
                Files.newBufferedWriter(
                        options.save().get(),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND)) {
            for (RequestRecord record : records) {
                lines.write(JsonWriter.write(record.json(name)));
                lines.write('\n');
            }
        }
    }

    private interface Sessions {
        List<Session> make() throws IOException;
    }

    private record Load(String name, Sessions sessions) {}
}
