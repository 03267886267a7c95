package dev.cairn.distribution.command;

import dev.cairn.distribution.config.Spelling;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * All commands, and how a command line is taken apart. The commands are built by hand, because
 * picocli's annotations are read by reflection at every start.
 */
public final class CommandTree {

    private static final String STACK_TRACE = "--stacktrace";
    private static final String HELP = "--help";

    private static final List<ProgramCommand> PRESENT =
            List.of(
                    new ServeCommand(),
                    new ChatCommand(),
                    new ModelsCommand(),
                    new ConfigCommand(),
                    new PluginsCommand(),
                    new CacheCommand(),
                    new BenchCommand(),
                    new ReplayCommand(),
                    new ExplainCommand(),
                    new WorkersCommand(),
                    new RoutingCommand(),
                    new RoleCommand(),
                    DrainCommand.ofWorker(),
                    new VersionCommand(),
                    new CompletionCommand());

    private final Terminal terminal;
    private final Map<String, ProgramCommand> byName = new LinkedHashMap<>();

    public CommandTree(Terminal terminal) {
        this.terminal = terminal;
        PRESENT.forEach(command -> byName.put(command.name(), command));
    }

    /**
     * Runs a command line.
     *
     * @return the exit status: 0, 1 if it could not be done, 2 if it made no sense
     */
    public int run(String... arguments) {
        boolean stackTrace =
                List.of(arguments).contains(STACK_TRACE)
                        || "1".equals(System.getenv("CAIRN_STACKTRACE"));
        try {
            return run(commandLine().parseArgs(arguments));
        } catch (UnmatchedArgumentException unmatched) {
            return Failure.report(new UsageException(meant(unmatched)), stackTrace, terminal);
        } catch (ParameterException wrong) {
            String message = firstLower(wrong.getMessage());
            return Failure.report(
                    new UsageException(message + "; " + seeHelp(wrong.getCommandLine())),
                    stackTrace,
                    terminal);
        } catch (RuntimeException | LinkageError failure) {
            return Failure.report(failure, stackTrace, terminal);
        }
    }

    private int run(ParseResult parsed) {
        ParseResult deepest = parsed;
        while (deepest.hasSubcommand()) {
            deepest = deepest.subcommand();
        }
        CommandLine commandLine = deepest.commandSpec().commandLine();
        if (deepest.hasMatchedOption(HELP)) {
            commandLine.usage(terminal.out());
            return 0;
        }
        if (deepest.hasMatchedOption("--version")) {
            return byName.get("version").run(deepest, terminal);
        }
        if (deepest == parsed) {
            commandLine.usage(terminal.err());
            return Failure.USAGE;
        }
        return ((ProgramCommand) deepest.commandSpec().userObject()).run(deepest, terminal);
    }

    /** The whole tree as picocli knows it. */
    CommandLine commandLine() {
        CommandSpec root = CommandSpec.create().name("cairn");
        root.usageMessage()
                .description("Serves large language models on the JVM.")
                .footer("", "`cairn COMMAND --help` says more; `cairn config` lists all settings.");
        addCommonOptions(root);
        root.addOption(
                OptionSpec.builder("-V", "--version")
                        .type(boolean.class)
                        .arity("0")
                        .description("Prints the version.")
                        .build());
        byName.values().forEach(command -> root.addSubcommand(command.name(), spec(command)));
        CommandLine commandLine = new CommandLine(root);
        commandLine.setErr(new PrintWriter(terminal.err(), true));
        // An option twice is a mistake in every program; the last one wins in most.
        commandLine.setOverwrittenOptionsAllowed(false);
        commandLine.setUsageHelpAutoWidth(false);
        commandLine.setUsageHelpWidth(110);
        return commandLine;
    }

    private static CommandSpec spec(ProgramCommand command) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(command.name());
        spec.usageMessage().description(command.summary()).sortOptions(false);
        command.describe(spec);
        addCommonOptions(spec);
        command.parts().forEach(part -> spec.addSubcommand(part.name(), spec(part)));
        return spec;
    }

    private static void addCommonOptions(CommandSpec spec) {
        spec.addOption(
                OptionSpec.builder("-h", HELP)
                        .type(boolean.class)
                        .arity("0")
                        .usageHelp(true)
                        .description("Prints this.")
                        .build());
        spec.addOption(
                OptionSpec.builder(STACK_TRACE)
                        .type(boolean.class)
                        .arity("0")
                        .hidden(true)
                        .description("Prints where an error came from.")
                        .build());
    }

    private static String meant(UnmatchedArgumentException unmatched) {
        String word = unmatched.getUnmatched().getFirst();
        CommandSpec spec = unmatched.getCommandLine().getCommandSpec();
        boolean option = word.startsWith("-");
        boolean command = !option && !spec.subcommands().isEmpty();
        List<String> known = new ArrayList<>();
        if (option) {
            word = word.replaceFirst("=.*", "");
            spec.optionsMap().values().stream()
                    .filter(each -> !each.hidden())
                    .forEach(each -> known.addAll(List.of(each.names())));
        } else {
            known.addAll(spec.subcommands().keySet());
        }
        String kind = option ? "option" : command ? "command" : "word";
        return Spelling.nearest(word, known)
                .map("there is no %s %s; did you mean %s?".formatted(kind, word, "%s")::formatted)
                .orElse(
                        "there is no %s %s; %s"
                                .formatted(kind, word, seeHelp(unmatched.getCommandLine())));
    }

    private static String seeHelp(CommandLine commandLine) {
        return "see `%s --help`".formatted(commandLine.getCommandSpec().qualifiedName());
    }

    private static String firstLower(String message) {
        return message.isEmpty()
                ? message
                : Character.toLowerCase(message.charAt(0)) + message.substring(1);
    }
}
