package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.ServeBenchmark;
import dev.cairn.distribution.bench.latency.LatencyCase;
import dev.cairn.distribution.bench.report.HtmlReport;
import dev.cairn.distribution.bench.report.LoadReport;
import dev.cairn.distribution.bench.server.OwnServer;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.wiring.StartException;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.transport.http.HttpSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench serve}. */
final class BenchServeCommand implements ProgramCommand {

    private static final int INTERRUPTED = 130;

    /** What the own server gets otherwise, or does not need. */
    private static final Set<String> NOT_FORWARDED =
            Set.of(HttpSettings.API_KEYS, HttpSettings.HOST, HttpSettings.PORT);

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public String summary() {
        return "Measures a server under load over HTTP: any that speaks OpenAI's API (--url), or a"
                + " Cairn of its own.";
    }

    @Override
    public void describe(CommandSpec spec) {
        ServeFlag.addTo(spec);
        SettingOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        ServeFlags flags = new ServeFlags(parsed);
        flags.check();
        Measured measured;
        try {
            measured =
                    flags.cases().isEmpty() ? load(parsed, flags, terminal) : cases(parsed, flags);
            print(measured, flags, terminal);
            if (flags.html().isPresent()) {
                writePage(measured, flags, parsed);
            }
        } catch (IOException broken) {
            throw new StartException(
                    "bench serve: %s: %s"
                            .formatted(broken.getClass().getSimpleName(), broken.getMessage()),
                    broken);
        }
        return 0;
    }

    private static Measured load(ParseResult parsed, ServeFlags flags, Terminal terminal)
            throws IOException {
        try (Opened opened = open(parsed, flags, Map.of(), 0)) {
            ServeBenchmark benchmark =
                    new ServeBenchmark(
                            opened.server(), flags.options(), BarDisplay.on(terminal.err()));
            stopOnInterrupt(benchmark);
            List<LoadReport> loads = benchmark.run();
            List<Result> results = new ArrayList<>();
            loads.forEach(each -> results.addAll(each.results()));
            return new Measured(new BenchmarkReport("serve", benchmark.subject(), results), loads);
        }
    }

    /** Each on a server of its own where none is given, because each wants other bounds. */
    private static Measured cases(ParseResult parsed, ServeFlags flags) {
        List<Result> results = new ArrayList<>();
        String subject = "";
        for (LatencyCase each : flags.cases()) {
            try (Opened opened = open(parsed, flags, each.settings(), each.keys())) {
                results.addAll(each.measure(opened.server()));
                subject = opened.server().model() + " at " + opened.server().url();
            }
        }
        return new Measured(new BenchmarkReport("serve", subject, results), List.of());
    }

    private static Opened open(
            ParseResult parsed, ServeFlags flags, Map<String, String> settings, int leastKeys) {
        Configuration configuration = SettingOptions.setup(parsed).configuration();
        List<String> keys = new ArrayList<>(configuration.list(HttpSettings.API_KEYS));
        Optional<URI> url = flags.url();
        if (url.isPresent()) {
            Optional<String> model =
                    configuration.list(ProgramSettings.MODELS).stream().findFirst();
            return new Opened(
                    Optional.empty(),
                    ServerUnderTest.find(url.get(), flags.patience(), model, flags.api(), keys));
        }
        while (keys.size() < leastKeys) {
            keys.add("bench-key-" + keys.size());
        }
        List<String> arguments = new ArrayList<>();
        settings.forEach(
                (key, value) -> {
                    // What the user set is what the user wants to see measured.
                    if (!configuration.isSet(key)) {
                        arguments.addAll(List.of("--set", key + "=" + value));
                    }
                });
        arguments.addAll(SettingOptions.forwarded(parsed, NOT_FORWARDED));
        OwnServer own =
                OwnServer.start(
                        arguments,
                        keys.isEmpty()
                                ? Map.of()
                                : Map.of("CAIRN_HTTP_API_KEYS", String.join(",", keys)));
        try {
            return new Opened(
                    Optional.of(own),
                    ServerUnderTest.find(
                            own.url(), flags.patience(), Optional.empty(), flags.api(), keys));
        } catch (RuntimeException failed) {
            own.close();
            throw failed;
        }
    }

    private static void print(Measured measured, ServeFlags flags, Terminal terminal) {
        if (flags.json()) {
            terminal.out().println(JsonWriter.write(measured.report().json()));
            return;
        }
        terminal.out().println(measured.report().subject());
        measured.loads().forEach(each -> terminal.out().print(each.table()));
        if (measured.loads().isEmpty()) {
            terminal.out().print(measured.report().goals());
        }
    }

    private static void writePage(Measured measured, ServeFlags flags, ParseResult parsed)
            throws IOException {
        String moment =
                ZonedDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm xxx"));
        Files.writeString(
                flags.html().orElseThrow(),
                new HtmlReport(
                                measured.report(),
                                measured.loads(),
                                ShownCommandLine.of(parsed),
                                moment)
                        .page());
    }

    /** Ctrl-C ends the run and reports what there is; a second time it ends the program. */
    private static void stopOnInterrupt(ServeBenchmark benchmark) {
        AtomicBoolean pressed = new AtomicBoolean();
        InterruptKey.listen(
                () -> {
                    if (pressed.getAndSet(true)) {
                        Runtime.getRuntime().halt(INTERRUPTED);
                    }
                    benchmark.stop();
                });
    }

    private record Measured(BenchmarkReport report, List<LoadReport> loads) {}

    /**
     * A server that is to be measured.
     *
     * @param own where it was started for that
     */
    private record Opened(Optional<OwnServer> own, ServerUnderTest server)
            implements AutoCloseable {

        @Override
        public void close() {
            server.close();
            own.ifPresent(OwnServer::close);
        }
    }
}
