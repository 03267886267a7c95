package dev.cairn.distribution.command;

import dev.cairn.distribution.plugin.InstalledPlugin;
import dev.cairn.distribution.wiring.Offers;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn plugins}. */
final class PluginsCommand implements ProgramCommand {

    @Override
    public String name() {
        return "plugins";
    }

    @Override
    public String summary() {
        return "Lists adapters and plugins, where each came from, and what it offers.";
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
        try (Program program = Program.start(SettingOptions.setup(parsed))) {
            List<Offers.OfPlugin> offers = program.part(Offers.class).byPlugin();
            if (parsed.hasMatchedOption("--json")) {
                printJson(offers, terminal);
            } else {
                printText(offers, terminal);
            }
        }
        return 0;
    }

    private static void printText(List<Offers.OfPlugin> offers, Terminal terminal) {
        for (Offers.OfPlugin plugin : offers) {
            InstalledPlugin installed = plugin.plugin();
            terminal.out().printf("%s (%s)%n", installed.name(), installed.origin());
            if (plugin.offers().isEmpty()) {
                terminal.out().println("    settings only");
            }
            for (Offers.Offer offer : plugin.offers()) {
                terminal.out()
                        .printf(
                                "    %s %s%s%n",
                                offer.kind(),
                                offer.name(),
                                offer.remark().isEmpty() ? "" : ": " + offer.remark());
            }
        }
    }

    private static void printJson(List<Offers.OfPlugin> offers, Terminal terminal) {
        List<JsonValue> plugins = new ArrayList<>();
        for (Offers.OfPlugin plugin : offers) {
            List<JsonValue> offered = new ArrayList<>();
            for (Offers.Offer offer : plugin.offers()) {
                offered.add(
                        JsonValue.JsonObject.builder()
                                .put("kind", offer.kind())
                                .put("name", offer.name())
                                .put("remark", offer.remark())
                                .build());
            }
            plugins.add(
                    JsonValue.JsonObject.builder()
                            .put("name", plugin.plugin().name())
                            .put("from", plugin.plugin().origin())
                            .put("offers", JsonValue.array(offered))
                            .build());
        }
        terminal.out().println(JsonWriter.write(JsonValue.array(plugins)));
    }
}
