package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.ports.system.JsonWriter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.function.Predicate;
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

    /**
     * The number that an option names.
     *
     * @throws UsageException if it is none, or makes no sense
     */
    static int number(ParseResult parsed, String option, int usual, int least, int most) {
        String text = parsed.matchedOptionValue(option, String.valueOf(usual));
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new UsageException(
                "%s: \"%s\" is no number from %d to %d".formatted(option, text, least, most));
    }

    /** Which cases an option names, divided by commas; all if it is left out. */
    static Predicate<String> cases(ParseResult parsed, String option) {
        String names = parsed.matchedOptionValue(option, "");
        return names.isEmpty()
                ? _ -> true
                : new HashSet<>(Arrays.asList(names.split(",", -1)))::contains;
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
