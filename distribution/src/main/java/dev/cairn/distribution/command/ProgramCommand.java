package dev.cairn.distribution.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One word after {@code cairn}, or after another command. */
interface ProgramCommand {

    String name();

    /** One line for {@code cairn --help}. */
    String summary();

    /** Adds options and parameters. */
    void describe(CommandSpec spec);

    /** Commands that are a second word after this one. */
    default List<ProgramCommand> parts() {
        return List.of();
    }

    /**
     * Does it.
     *
     * @return the exit status
     * @throws RuntimeException with a message for the user, of a type that {@link Failure} knows
     */
    int run(ParseResult parsed, Terminal terminal);
}
