package dev.cairn.distribution.command;

import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.guess.SpeculationBenchmark;
import dev.cairn.distribution.wiring.DraftShelf;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.engine.ModelRunner;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench speculation}. */
final class BenchSpeculationCommand implements ProgramCommand {

    private static final int RUNS = 5;
    private static final String CASES = "--cases";
    private static final String TOKENS = "--tokens";
    private static final int USUAL_TOKENS = 256;
    private static final int MOST_TOKENS = 4096;

    @Override
    public String name() {
        return "speculation";
    }

    @Override
    public String summary() {
        return "Measures answers with guesses beside the same answers without, one after the other.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
        BenchOptions.addRuns(spec, RUNS);
        spec.addOption(
                OptionSpec.builder(CASES)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("NAME,...")
                        .description(
                                "Only these: copying, sampled or misleading, a dash, and 1, 8 or 32"
                                        + " streams.")
                        .build());
        spec.addOption(
                OptionSpec.builder(TOKENS)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("N")
                        .description("Tokens of every answer; " + USUAL_TOKENS + " if not said.")
                        .build());
        BenchOptions.addJson(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        int runs = BenchOptions.runs(parsed, RUNS);
        int tokens = BenchOptions.number(parsed, TOKENS, USUAL_TOKENS, 2, MOST_TOKENS);
        Predicate<String> wanted = BenchOptions.cases(parsed, CASES);
        BenchmarkReport report =
                measure(SettingOptions.setup(parsed, List.of()), runs, tokens, wanted);
        BenchOptions.print(parsed, terminal, report, report.table() + report.goals());
        return 0;
    }

    private static BenchmarkReport measure(
            Setup setup, int runs, int tokens, Predicate<String> wanted) {
        return ModelBench.run(
                setup,
                (subject, artifact, runner, program) -> {
                    var draft = program.part(DraftShelf.class).load(artifact, runner);
                    try {
                        return new BenchmarkReport(
                                "speculation",
                                subject,
                                new SpeculationBenchmark(
                                                runner,
                                                artifact.codec(),
                                                draft.map(DraftShelf.Draft::runner)
                                                        .map(BenchSpeculationCommand::by)
                                                        .orElseGet(
                                                                BenchSpeculationCommand::byNgram),
                                                runs,
                                                tokens,
                                                wanted)
                                        .run());
                    } finally {
                        draft.ifPresent(DraftShelf.Draft::close);
                    }
                });
    }

    private static SpeculationSettings by(ModelRunner draft) {
        return SpeculationSettings.draft(draft, SpeculationSettings.USUAL_TOKENS);
    }

    private static SpeculationSettings byNgram() {
        return SpeculationSettings.ngram(
                SpeculationSettings.USUAL_SHORTEST,
                SpeculationSettings.USUAL_LONGEST,
                SpeculationSettings.USUAL_TOKENS);
    }
}
