package dev.cairn.distribution.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command that the design has and this version lacks: it says so, whatever follows it. */
record AbsentCommand(String name, String summary) implements ProgramCommand {

    @Override
    public void describe(CommandSpec spec) {
        spec.parser().stopAtUnmatched(true).unmatchedArgumentsAllowed(true);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        terminal.err()
                .printf(
                        "cairn: `cairn %s` is not there yet; this version has: %s%n",
                        name, String.join(", ", CommandTree.presentNames()));
        return Failure.USAGE;
    }
}
