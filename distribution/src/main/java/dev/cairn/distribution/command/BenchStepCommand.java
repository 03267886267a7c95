package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.StepBenchmark;
import dev.cairn.distribution.wiring.Setup;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench step}. */
final class BenchStepCommand implements ProgramCommand {

    private static final int RUNS = 3;

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
        BenchOptions.addRuns(spec, RUNS);
        BenchOptions.addJson(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        int runs = BenchOptions.runs(parsed, RUNS);
        BenchmarkReport report = measure(SettingOptions.setup(parsed, List.of()), runs);
        BenchOptions.print(parsed, terminal, report, report.table());
        return 0;
    }

    private static BenchmarkReport measure(Setup setup, int runs) {
        return ModelBench.run(
                setup,
                (subject, artifact, runner, _) ->
                        new BenchmarkReport(
                                "step",
                                subject,
                                new StepBenchmark(runner, artifact.codec(), runs).run()));
    }
}
