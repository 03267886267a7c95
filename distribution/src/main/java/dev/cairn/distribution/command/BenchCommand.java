package dev.cairn.distribution.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench}: what follows says what is measured. */
final class BenchCommand implements ProgramCommand {

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public String summary() {
        return "Measures: an engine alone (bench engine) or beside what its"
                + " GPU does at best (bench device), a server under load (bench serve), the cache"
                + " tiers (bench tiers), the prefix index (bench index), structured output (bench"
                + " grammar), or the parts of a step (bench step).";
    }

    @Override
    public void describe(CommandSpec spec) {
        // Everything belongs to one of the parts.
    }

    @Override
    public List<ProgramCommand> parts() {
        return List.of(
                new BenchEngineCommand(),
                new BenchDeviceCommand(),
                new BenchServeCommand(),
                new BenchPredictCommand(),
                new BenchStepCommand(),
                new BenchSpeculationCommand(),
                new BenchTiersCommand(),
                new BenchIndexCommand(),
                new BenchRouterCommand(),
                new BenchGrammarCommand());
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        String names = String.join(", ", parts().stream().map(ProgramCommand::name).toList());
        throw new UsageException("say what bench measures: " + names);
    }
}
