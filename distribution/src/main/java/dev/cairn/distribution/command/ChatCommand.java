package dev.cairn.distribution.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn chat}. */
final class ChatCommand implements ProgramCommand {

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public String summary() {
        return "Talks with a model, here or on a running server.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        return 0;
    }
}
