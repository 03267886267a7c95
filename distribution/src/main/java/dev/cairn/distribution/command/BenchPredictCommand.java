package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.predict.Prediction;
import dev.cairn.distribution.wiring.Setup;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench predict}. */
final class BenchPredictCommand implements ProgramCommand {

    private static final String REQUESTS = "--requests";
    private static final String SEED = "--seed";

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
        BenchOptions.addJson(spec);
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
        BenchOptions.print(parsed, terminal, report, report.table());
        return 0;
    }

    private static BenchmarkReport predict(Setup setup, long seed, int requests) {
        return ModelBench.run(
                setup,
                (subject, artifact, runner, _) ->
                        new BenchmarkReport(
                                "predict",
                                "%d requests (seed %d) of %s".formatted(requests, seed, subject),
                                new Prediction(runner, artifact.codec(), seed, requests).run()));
    }
}
