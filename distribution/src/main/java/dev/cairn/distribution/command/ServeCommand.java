package dev.cairn.distribution.command;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.Spelling;
import dev.cairn.distribution.telemetry.LogOutput;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Relaying;
import dev.cairn.distribution.wiring.Serving;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.distribution.wiring.StopSignal;
import dev.cairn.ports.fleet.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn serve}. */
final class ServeCommand implements ProgramCommand {

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public String summary() {
        return "Serves models over the OpenAI API.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        Setup setup = SettingOptions.setup(parsed);
        Configuration configuration = setup.configuration();
        configuration.warnings().forEach(warning -> terminal.err().println("cairn: " + warning));
        LogOutput.install(configuration);
        checkRole(configuration);
        StopSignal stop = StopSignal.install();
        if (isRouter(configuration) && Relaying.isConfigured(configuration)) {
            relay(setup, stop, terminal);
            return 0;
        }
        try (Program program = Program.start(setup)) {
            Serving serving = program.part(Serving.class);
            serving.load();
            stop.serving();
            serving.listen();
            try {
                serving.banner().forEach(terminal.out()::println);
                stop.await();
                terminal.out().println("cairn: draining");
            } finally {
                serving.stop();
            }
        }
        terminal.out().println("cairn: stopped");
        return 0;
    }

    /** A router before engines that are not Cairn's needs no model of its own. */
    private static void relay(Setup setup, StopSignal stop, Terminal terminal) {
        try (Program program = Program.start(setup)) {
            Relaying relaying = program.part(Relaying.class);
            stop.serving();
            try {
                relaying.listen();
                relaying.banner().forEach(terminal.out()::println);
                stop.await();
                terminal.out().println("cairn: draining");
            } finally {
                relaying.stop();
            }
        }
        terminal.out().println("cairn: stopped");
    }

    private static boolean isRouter(Configuration configuration) {
        return configuration.requiredText(ProgramSettings.ROLE).equals("router");
    }

    private static void checkRole(Configuration configuration) {
        String role = configuration.requiredText(ProgramSettings.ROLE);
        List<String> roles =
                Arrays.stream(Role.values())
                        .map(each -> each.name().toLowerCase(Locale.ROOT))
                        .toList();
        if (!roles.contains(role)) {
            throw configuration.problem(
                    ProgramSettings.ROLE,
                    "there is no role \"%s\"; %s"
                            .formatted(
                                    role,
                                    Spelling.nearest(role, roles)
                                            .map(near -> "did you mean " + near + "?")
                                            .orElse("write all")));
        }
    }
}
