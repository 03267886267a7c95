package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.predict.Prediction;
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

/** {@code cairn bench predict}. */
final class BenchPredictCommand implements ProgramCommand {

    private static final String REQUESTS = "--requests";
    private static final String SEED = "--seed";
    private static final String JSON = "--json";

    @Override
    public String name() {
        return "predict";
    }

    @Override
    public String summary() {
        return "Compares a real run of requests with the simulated one, in virtual time.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
        spec.addOption(
                OptionSpec.builder(REQUESTS)
                        .type(int.class)
                        .arity("1")
                        .paramLabel("N")
                        .description("Requests to predict; 200 by default.")
                        .build());
        spec.addOption(
                OptionSpec.builder(SEED)
                        .type(long.class)
                        .arity("1")
                        .paramLabel("N")
                        .description("Another seed gives other requests; 1 by default.")
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
        int requests = parsed.matchedOptionValue(REQUESTS, 200);
        if (requests < 10 || requests > 100_000) {
            throw new UsageException("--requests must be 10 to 100000, got " + requests);
        }
        BenchmarkReport report =
                predict(
                        SettingOptions.setup(parsed, List.of()),
                        parsed.matchedOptionValue(SEED, 1L),
                        requests);
        terminal.out()
                .print(
                        parsed.hasMatchedOption(JSON)
                                ? JsonWriter.write(report.json()) + "\n"
                                : report.table());
        return 0;
    }

    private static BenchmarkReport predict(Setup setup, long seed, int requests) {
        List<String> models = setup.configuration().list(ProgramSettings.MODELS);
        String name = models.isEmpty() ? Installation.BUNDLED_MODEL : models.getFirst();
        try (Program program = Program.start(setup);
                ModelArtifact artifact = program.part(ModelShelf.class).open(name);
                ModelRunner runner = program.part(BenchmarkRunner.class).open(artifact)) {
            String subject =
                    "%d requests (seed %d) of %s on %s: %s"
                            .formatted(
                                    requests,
                                    seed,
                                    name,
                                    runner.description().engine(),
                                    runner.description().report());
            return new BenchmarkReport(
                    "predict",
                    subject,
                    new Prediction(runner, artifact.codec(), seed, requests).run());
        }
    }
}
