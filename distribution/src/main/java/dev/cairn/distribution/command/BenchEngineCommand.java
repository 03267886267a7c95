package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.EngineBenchmark;
import dev.cairn.distribution.bench.EngineLimits;
import dev.cairn.distribution.bench.predict.TimedRunner;
import dev.cairn.distribution.config.ConfigurationInput.Assignment;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.engine.cpu.kernel.MachineLimits;
import dev.cairn.engine.simulated.CostFit;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench engine}. */
final class BenchEngineCommand implements ProgramCommand {

    private static final String THREADS = "--threads";
    private static final String CASES = "--cases";
    private static final int RUNS = 3;
    private static final String LORA = "--lora-adapters";
    private static final int MOST_ADAPTERS = 1024;
    private static final String LIMITS = "--limits";
    private static final int MOST_THREADS = 1024;
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
        BenchOptions.addRuns(spec, RUNS);
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
                OptionSpec.builder(LORA)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("N")
                        .description(
                                "Measures every case without and with N random LoRA adapters of"
                                        + " ranks 8 to 64, which the streams use by turns.")
                        .build());
        spec.addOption(
                OptionSpec.builder(LIMITS)
                        .description(
                                "Measures in the same run what the machine can do at most (bytes"
                                        + " read, products of bytes and floats a second), and says"
                                        + " which part of it prefill and decode are.")
                        .build());
        BenchOptions.addJson(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        int runs = BenchOptions.runs(parsed, RUNS);
        Predicate<String> wanted = BenchOptions.cases(parsed, CASES);
        BenchmarkReport report =
                measure(
                        SettingOptions.setup(parsed, threads(parsed)),
                        runs,
                        wanted,
                        parsed.matchedOptionValue(CALIBRATION, ""),
                        BenchOptions.number(parsed, LORA, 0, 0, MOST_ADAPTERS),
                        parsed.hasMatchedOption(LIMITS),
                        BenchOptions.number(
                                parsed,
                                THREADS,
                                Runtime.getRuntime().availableProcessors(),
                                1,
                                MOST_THREADS));
        BenchOptions.print(parsed, terminal, report, report.table() + report.goals());
        return 0;
    }

    private static List<Assignment> threads(ParseResult parsed) {
        String threads = parsed.matchedOptionValue(THREADS, null);
        return threads == null
                ? List.of()
                : List.of(new Assignment("cairn.engine.cpu.threads", threads, THREADS));
    }

    private static BenchmarkReport measure(
            Setup setup,
            int runs,
            Predicate<String> wanted,
            String calibration,
            int adapters,
            boolean limits,
            int threads) {
        return ModelBench.run(
                setup,
                (subject, artifact, runner, _) -> {
                    if (!calibration.isEmpty()) {
                        calibrate(runner, runs, subject, Path.of(calibration));
                    }
                    EngineBenchmark benchmark = new EngineBenchmark(runner, runs, wanted);
                    List<BenchmarkReport.Result> results = new ArrayList<>(benchmark.run());
                    if (limits) {
                        results.addAll(limits(artifact, runner, threads, results));
                    }
                    if (adapters > 0) {
                        benchmark.adapt(artifact, adapters);
                        for (BenchmarkReport.Result result : benchmark.run()) {
                            results.add(
                                    new BenchmarkReport.Result(
                                            result.name() + "+lora", result.unit(), result.runs()));
                        }
                    }
                    return new BenchmarkReport("engine", subject, results);
                });
    }

    private static List<BenchmarkReport.Result> limits(
            ModelArtifact artifact,
            ModelRunner runner,
            int threads,
            List<BenchmarkReport.Result> measured) {
        if (!runner.description().engine().equals("cpu")) {
            throw new UsageException(LIMITS + " knows the limits of the CPU engine alone");
        }
        MachineLimits machine =
                MachineLimits.measure(threads)
                        .orElseThrow(
                                () -> new UsageException(LIMITS + " needs the native kernels"));
        return new EngineLimits(
                        artifact.architecture(), runner.description().weightBytes(), machine)
                .judge(measured);
    }

    private static void calibrate(ModelRunner runner, int runs, String subject, Path file) {
        TimedRunner timed = new TimedRunner(runner, SystemClock.INSTANCE);
        EngineBenchmark benchmark = new EngineBenchmark(timed, runs, _ -> true);
        benchmark.exercise();
        CostFit fit = new CostFit();
        timed.into((work, nanos, _) -> fit.add(work, nanos));
        benchmark.exercise();
        try {
            Files.writeString(file, JsonWriter.write(fit.fit(subject).json()) + "\n");
        } catch (IOException unwritable) {
            throw new UsageException(
                    CALIBRATION + ": " + file + " cannot be written: " + unwritable.getMessage());
        }
    }
}
