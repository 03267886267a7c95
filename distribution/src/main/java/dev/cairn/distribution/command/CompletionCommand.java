package dev.cairn.distribution.command;

import java.nio.charset.StandardCharsets;
import picocli.AutoComplete;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn completion}. */
final class CompletionCommand implements ProgramCommand {

    @Override
    public String name() {
        return "completion";
    }

    @Override
    public String summary() {
        return "Prints a completion script for bash and zsh: source <(cairn completion).";
    }

    @Override
    public void describe(CommandSpec spec) {
        // It has no options of its own.
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        String script = AutoComplete.bash("cairn", new CommandTree(terminal).commandLine());
        terminal.out()
                .write(
                        script.getBytes(StandardCharsets.UTF_8),
                        0,
                        script.getBytes(StandardCharsets.UTF_8).length);
        terminal.out().flush();
        return 0;
    }
}
