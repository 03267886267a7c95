package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.router.RouterBenchmark;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench router}. */
final class BenchRouterCommand implements ProgramCommand {

    private static final int ROUNDS = 3;
    private static final String PEER = "--peer";

    @Override
    public String name() {
        return "router";
    }

    @Override
    public String summary() {
        return "Measures what the relay to other engines costs per request and per event, beside"
                + " other routers (--peer).";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addOption(
                OptionSpec.builder(PEER)
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("1")
                        .paramLabel("NAME=COMMAND")
                        .description(
                                "Another router, measured in turns: its command with {port} and"
                                        + " {urls}, words separated by spaces.")
                        .build());
        BenchOptions.addRuns(spec, ROUNDS);
        BenchOptions.addJson(spec);
        SettingOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        Map<String, String> peers = new LinkedHashMap<>();
        List<String> written = parsed.matchedOptionValue(PEER, List.of());
        for (String peer : written) {
            String[] parts = peer.split("=", 2);
            boolean isWhole = parts.length == 2 && parts[1].contains("{port}");
            if (!isWhole || parts[0].equals("cairn") || peers.put(parts[0], parts[1]) != null) {
                throw new UsageException(
                        "--peer wants NAME=COMMAND with {port} and {urls} in it, each name once, got \""
                                + peer
                                + '"');
            }
        }
        BenchmarkReport report =
                new RouterBenchmark(
                                BenchOptions.runs(parsed, ROUNDS),
                                SettingOptions.forwarded(parsed, Set.of("cairn.http.host")),
                                peers)
                        .run();
        BenchOptions.print(parsed, terminal, report, report.table() + "\n" + report.goals());
        return 0;
    }
}
