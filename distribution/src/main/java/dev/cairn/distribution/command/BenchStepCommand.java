package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.StepBenchmark;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.wiring.BenchmarkRunner;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.ModelShelf;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.system.JsonWriter;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench step}. */
final class BenchStepCommand implements ProgramCommand {

    private static final String RUNS = "--runs";
    private static final String JSON = "--json";

    @Override
    public String name() {
        return "step";
    }

    @Override
    public String summary() {
        return "Splits the time of one decode step: scheduler, masks, forward pass, sampler, text.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
        spec.addOption(
                OptionSpec.builder(RUNS)
                        .type(int.class)
                        .arity("1")
                        .paramLabel("N")
                        .description(
                                "Runs of every case, of which the median counts; 3 by default.")
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
        BenchmarkReport report = measure(SettingOptions.setup(parsed, List.of()), runs);
        terminal.out()
                .print(
                        parsed.hasMatchedOption(JSON)
                                ? JsonWriter.write(report.json()) + "\n"
                                : report.table());
        return 0;
    }

    private static BenchmarkReport measure(Setup setup, int runs) {
        List<String> models = setup.configuration().list(ProgramSettings.MODELS);
        String name = models.isEmpty() ? Installation.BUNDLED_MODEL : models.getFirst();
        try (Program program = Program.start(setup);
                ModelArtifact artifact = program.part(ModelShelf.class).open(name);
                ModelRunner runner = program.part(BenchmarkRunner.class).open(artifact)) {
            String subject = "%s on %s".formatted(name, runner.description().report());
            return new BenchmarkReport(
                    "step", subject, new StepBenchmark(runner, artifact.codec(), runs).run());
        }
    }
}
