package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.ports.system.JsonWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What benchmarks have in common on the command line: how often they run, and how they print. */
final class BenchOptions {

    private static final String RUNS = "--runs";
    private static final String JSON = "--json";
    private static final int MOST_RUNS = 1000;

    private BenchOptions() {}

    static void addRuns(CommandSpec spec, int usual) {
        spec.addOption(
                OptionSpec.builder(RUNS)
                        .type(int.class)
                        .arity("1")
                        .paramLabel("N")
                        .description(
                                "Runs of every case, of which the median counts; %d by default."
                                        .formatted(usual))
                        .build());
    }

    /**
     * @throws UsageException if the number makes no sense
     */
    static int runs(ParseResult parsed, int usual) {
        int runs = parsed.matchedOptionValue(RUNS, usual);
        if (runs < 1 || runs > MOST_RUNS) {
            throw new UsageException("--runs must be 1 to " + MOST_RUNS + ", got " + runs);
        }
        return runs;
    }

    static void addJson(CommandSpec spec) {
        spec.addOption(
                OptionSpec.builder(JSON)
                        .type(boolean.class)
                        .arity("0")
                        .description("Prints one JSON object instead of a table.")
                        .build());
    }

    /**
     * Prints a report as it was asked for.
     *
     * @param people what is printed for people
     */
    static void print(
            ParseResult parsed, Terminal terminal, BenchmarkReport report, String people) {
        terminal.out()
                .print(
                        parsed.hasMatchedOption(JSON)
                                ? JsonWriter.write(report.json()) + "\n"
                                : people);
    }
}
