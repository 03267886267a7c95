package dev.cairn.distribution.command;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn config}. */
final class ConfigCommand implements ProgramCommand {

    @Override
    public String name() {
        return "config";
    }

    @Override
    public String summary() {
        return "Prints every setting: its value, where that came from, and what it means.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
        spec.addOption(
                OptionSpec.builder("--json")
                        .type(boolean.class)
                        .arity("0")
                        .description("Prints one JSON array.")
                        .build());
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        Configuration configuration = SettingOptions.setup(parsed).configuration();
        configuration.warnings().forEach(warning -> terminal.err().println("cairn: " + warning));
        if (parsed.hasMatchedOption("--json")) {
            printJson(configuration.lines(), terminal);
        } else {
            printText(configuration.lines(), terminal);
        }
        return 0;
    }

    private static void printText(List<Configuration.Line> lines, Terminal terminal) {
        for (Configuration.Line line : lines) {
            terminal.out()
                    .printf(
                            "%s = %s%n    # %s%n    # %s; from: %s; read by: %s%n",
                            line.description().key(),
                            line.value().orElse(""),
                            line.description().meaning(),
                            typeName(line),
                            line.origin(),
                            line.owner());
        }
    }

    private static void printJson(List<Configuration.Line> lines, Terminal terminal) {
        List<JsonValue> values = new ArrayList<>();
        for (Configuration.Line line : lines) {
            values.add(
                    JsonValue.JsonObject.builder()
                            .put("key", line.description().key())
                            .put("type", typeName(line))
                            .put("value", line.value().orElse(null))
                            .put("default", line.description().defaultValue().orElse(null))
                            .put("origin", line.origin())
                            .put("meaning", line.description().meaning())
                            .put("secret", line.description().secret())
                            .put("owner", line.owner())
                            .build());
        }
        terminal.out().println(JsonWriter.write(JsonValue.array(values)));
    }

    private static String typeName(Configuration.Line line) {
        return line.description().type().name().toLowerCase(Locale.ROOT);
    }
}
