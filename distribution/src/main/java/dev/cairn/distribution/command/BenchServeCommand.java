package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.ServeBenchmark;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench serve}. */
final class BenchServeCommand implements ProgramCommand {

    private static final int INTERRUPTED = 130;

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
        flags.options();
        Configuration configuration = SettingOptions.setup(parsed).configuration();
        List<String> keys = configuration.list(HttpSettings.API_KEYS);
        Optional<URI> url = flags.url();
        if (url.isPresent()) {
            Optional<String> model =
                    configuration.list(ProgramSettings.MODELS).stream().findFirst();
            measure(url.get(), model, keys, flags, terminal);
        } else {
            try (OwnServer server = ownServer(parsed, keys)) {
                measure(server.url(), Optional.empty(), keys, flags, terminal);
            }
        }
        return 0;
    }

    private static OwnServer ownServer(ParseResult parsed, List<String> keys) {
        Set<String> hidden = Set.of(HttpSettings.API_KEYS, HttpSettings.HOST, HttpSettings.PORT);
        return OwnServer.start(
                SettingOptions.forwarded(parsed, hidden),
                keys.isEmpty() ? Map.of() : Map.of("CAIRN_HTTP_API_KEYS", String.join(",", keys)));
    }

    private static void measure(
            URI url,
            Optional<String> model,
            List<String> keys,
            ServeFlags flags,
            Terminal terminal) {
        try (ServerUnderTest server =
                ServerUnderTest.find(url, flags.patience(), model, flags.api(), keys)) {
            ServeBenchmark benchmark =
                    new ServeBenchmark(server, flags.options(), display(terminal));
            listen(benchmark);
            List<LoadReport> reports = benchmark.run();
            List<BenchmarkReport.Result> results = new ArrayList<>();
            reports.forEach(report -> results.addAll(report.results()));
            BenchmarkReport report = new BenchmarkReport("serve", benchmark.subject(), results);
            if (flags.json()) {
                terminal.out().println(JsonWriter.write(report.json()));
            } else {
                terminal.out().println(report.subject());
                reports.forEach(each -> terminal.out().print(each.table()));
            }
        } catch (IOException broken) {
            throw new StartException(
                    "bench serve: "
                            + broken.getClass().getSimpleName()
                            + ": "
                            + broken.getMessage(),
                    broken);
        }
    }

    /** Ctrl-C ends the run and reports what there is; a second time it ends the program. */
    private static void listen(ServeBenchmark benchmark) {
        boolean[] pressed = new boolean[1];
        InterruptKey.listen(
                () -> {
                    if (pressed[0]) {
                        Runtime.getRuntime().halt(INTERRUPTED);
                    }
                    pressed[0] = true;
                    benchmark.stop();
                });
    }

    private static ServeBenchmark.Display display(Terminal terminal) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        return interactive ? new BarDisplay(terminal.err()) : BarDisplay.SILENT;
    }
}
