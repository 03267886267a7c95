package dev.cairn.distribution.command;

import dev.cairn.distribution.config.ConfigurationInput;
import dev.cairn.distribution.config.ConfigurationInput.Assignment;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.Setup;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of every command that reads configuration. */
final class SettingOptions {

    private static final String CONFIG = "--config";
    private static final String SET = "--set";

    private SettingOptions() {}

    static void addTo(CommandSpec spec) {
        SettingFlag.addTo(spec);
        spec.addOption(
                OptionSpec.builder(CONFIG)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("FILE")
                        .description(
                                "Configuration file instead of conf/cairn.properties: lines of"
                                        + " KEY=VALUE.")
                        .build());
        spec.addOption(
                OptionSpec.builder(SET)
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("1")
                        .paramLabel("KEY=VALUE")
                        .description("Sets a key, before every other source; may be repeated.")
                        .build());
    }

    /** Finds plugins and reads configuration, as the command line, environment and files say. */
    static Setup setup(ParseResult parsed) {
        return setup(parsed, List.of());
    }

    /**
     * @param own what a command's own options set
     */
    static Setup setup(ParseResult parsed, List<Assignment> own) {
        Installation installation = Installation.locate();
        Map<String, String> environment = System.getenv();
        List<Assignment> assignments = new ArrayList<>(SettingFlag.assignments(parsed));
        assignments.addAll(own);
        List<String> sets = parsed.matchedOptionValue(SET, List.of());
        sets.forEach(set -> assignments.add(assignment(set)));
        Optional<Path> file =
                Optional.ofNullable(parsed.<String>matchedOptionValue(CONFIG, null))
                        .or(() -> Optional.ofNullable(environment.get("CAIRN_CONFIG")))
                        .map(SettingOptions::path);
        return Setup.read(
                installation,
                new ConfigurationInput(
                        file,
                        installation.configurationFile(),
                        environment,
                        texts(System.getProperties()),
                        assignments));
    }

    /**
     * The same settings as options of another {@code cairn} process, those aside that no command
     * line should show.
     *
     * @param hidden keys that are left out
     */
    static List<String> forwarded(ParseResult parsed, Set<String> hidden) {
        List<String> arguments = new ArrayList<>();
        if (parsed.hasMatchedOption(CONFIG)) {
            arguments.addAll(List.of(CONFIG, parsed.matchedOptionValue(CONFIG, "")));
        }
        List<Assignment> assignments = new ArrayList<>(SettingFlag.assignments(parsed));
        List<String> sets = parsed.matchedOptionValue(SET, List.of());
        sets.forEach(set -> assignments.add(assignment(set)));
        for (Assignment each : assignments) {
            if (!hidden.contains(each.key())) {
                arguments.addAll(List.of(SET, each.key() + "=" + each.value()));
            }
        }
        return arguments;
    }

    private static Assignment assignment(String set) {
        int equals = set.indexOf('=');
        if (equals <= 0) {
            throw new UsageException(
                    "--set takes KEY=VALUE, got \"%s\"; `cairn config` lists the keys"
                            .formatted(set));
        }
        return new Assignment(
                set.substring(0, equals).strip(), set.substring(equals + 1).strip(), SET);
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException wrong) {
            throw new UsageException("--config: \"" + text + "\" is no path");
        }
    }

    private static Map<String, String> texts(Properties properties) {
        Map<String, String> texts = new HashMap<>();
        properties
                .stringPropertyNames()
                .forEach(name -> texts.put(name, properties.getProperty(name)));
        return texts;
    }
}
