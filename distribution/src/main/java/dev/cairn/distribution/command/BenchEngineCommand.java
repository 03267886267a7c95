package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.EngineBenchmark;
import dev.cairn.distribution.bench.predict.TimedRunner;
import dev.cairn.distribution.config.ConfigurationInput.Assignment;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.wiring.BenchmarkRunner;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.ModelShelf;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.engine.simulated.CostFit;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench engine}. */
final class BenchEngineCommand implements ProgramCommand {

    private static final String THREADS = "--threads";
    private static final String RUNS = "--runs";
    private static final String CASES = "--cases";
    private static final String JSON = "--json";
    private static final String CALIBRATION = "--calibration";

    @Override
    public String name() {
        return "engine";
    }

    @Override
    public String summary() {
        return "Measures tokens per second of an engine alone, without scheduler and HTTP.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
        spec.addOption(
                OptionSpec.builder(THREADS)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("N")
                        .description("Threads of the CPU engine. (cairn.engine.cpu.threads)")
                        .build());
        spec.addOption(
                OptionSpec.builder(RUNS)
                        .type(int.class)
                        .arity("1")
                        .paramLabel("N")
                        .description(
                                "Runs of every case, of which the median counts; 3 by default.")
                        .build());
        spec.addOption(
                OptionSpec.builder(CASES)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("NAME,...")
                        .description(
                                "Only these: prefill-512, prefill-4096, decode-1, decode-8, decode-32,"
                                        + " decode-1@4096.")
                        .build());
        spec.addOption(
                OptionSpec.builder(CALIBRATION)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("FILE")
                        .description(
                                "Writes what steps cost here into FILE, for the simulated engine"
                                        + " (cairn.engine.simulated.costs).")
                        .build());
        spec.addOption(
                OptionSpec.builder(JSON)
                        .type(boolean.class)
                        .arity("0")
                        .description("Prints one JSON object instead of a table.")
                        .build());
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        int runs = parsed.matchedOptionValue(RUNS, 3);
        if (runs < 1 || runs > 1000) {
            throw new UsageException("--runs must be 1 to 1000, got " + runs);
        }
        String cases = parsed.matchedOptionValue(CASES, "");
        Predicate<String> wanted =
                cases.isEmpty() ? _ -> true : Set.of(cases.split(",", -1))::contains;
        BenchmarkReport report =
                measure(
                        SettingOptions.setup(parsed, threads(parsed)),
                        runs,
                        wanted,
                        parsed.matchedOptionValue(CALIBRATION, ""));
        terminal.out()
                .print(
                        parsed.hasMatchedOption(JSON)
                                ? JsonWriter.write(report.json()) + "\n"
                                : report.table());
        return 0;
    }

    private static List<Assignment> threads(ParseResult parsed) {
        String threads = parsed.matchedOptionValue(THREADS, null);
        return threads == null
                ? List.of()
                : List.of(new Assignment("cairn.engine.cpu.threads", threads, THREADS));
    }

    private static BenchmarkReport measure(
            Setup setup, int runs, Predicate<String> wanted, String calibration) {
        List<String> models = setup.configuration().list(ProgramSettings.MODELS);
        String name = models.isEmpty() ? Installation.BUNDLED_MODEL : models.getFirst();
        try (Program program = Program.start(setup);
                ModelArtifact artifact = program.part(ModelShelf.class).open(name);
                ModelRunner runner = program.part(BenchmarkRunner.class).open(artifact)) {
            String subject =
                    "%s on %s: %s"
                            .formatted(
                                    name,
                                    runner.description().engine(),
                                    runner.description().report());
            if (!calibration.isEmpty()) {
                calibrate(runner, runs, subject, Path.of(calibration));
            }
            return new BenchmarkReport(
                    "engine", subject, new EngineBenchmark(runner, runs, wanted).run());
        }
    }

    private static void calibrate(ModelRunner runner, int runs, String subject, Path file) {
        TimedRunner timed = new TimedRunner(runner, SystemClock.INSTANCE);
        EngineBenchmark benchmark = new EngineBenchmark(timed, runs, _ -> true);
        benchmark.exercise();
        CostFit fit = new CostFit();
        timed.into(fit);
        benchmark.exercise();
        try {
            Files.writeString(file, JsonWriter.write(fit.fit(subject).json()) + "\n");
        } catch (IOException unwritable) {
            throw new UsageException(
                    CALIBRATION + ": " + file + " cannot be written: " + unwritable.getMessage());
        }
    }
}
