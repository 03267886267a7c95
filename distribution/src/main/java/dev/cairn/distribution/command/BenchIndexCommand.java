package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.index.IndexBenchmark;
import dev.cairn.distribution.bench.index.IndexEvents;
import dev.cairn.distribution.wiring.StartException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench index}. */
final class BenchIndexCommand implements ProgramCommand {

    private static final int RUNS = 5;

    @Override
    public String name() {
        return "index";
    }

    @Override
    public String summary() {
        return "Measures the router's prefix index: events into it, look-ups, memory per entry.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .paramLabel("FILE")
                        .type(String.class)
                        .arity("1")
                        .description(
                                "Events and look-ups as 64-bit numbers: magic, requests, records,"
                                        + " workers, split; then per record kind, worker, parent,"
                                        + " n and n block ids.")
                        .build());
        BenchOptions.addRuns(spec, RUNS);
        BenchOptions.addJson(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        int runs = BenchOptions.runs(parsed, RUNS);
        String file = parsed.matchedPositionalValue(0, "");
        IndexEvents events;
        try {
            events = IndexEvents.read(Path.of(file));
        } catch (IOException e) {
            throw new StartException(file + " cannot be used: " + e.getMessage());
        }
        BenchmarkReport report = new IndexBenchmark(events, runs).run();
        BenchOptions.print(parsed, terminal, report, report.table() + "\n" + report.goals());
        return 0;
    }
}
