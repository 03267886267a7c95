package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn routing}. */
final class RoutingCommand implements ProgramCommand {

    private static final String PATH = "/v1/cairn/routing";
    private static final String POLICY = "--policy";
    private static final String SHADOW = "--shadow-policy";
    private static final String NONE = "none";

    @Override
    public String name() {
        return "routing";
    }

    @Override
    public String summary() {
        return "Says by which policy a running router decides, and swaps it.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addOption(
                CacheOptions.text(
                        POLICY,
                        "P",
                        "Decides from the next request on; a plugin's is read anew from its jar."));
        spec.addOption(
                CacheOptions.text(
                        SHADOW, "P", "Is asked besides, without a say; \"none\" ends that."));
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions options = new CacheOptions(parsed);
        JsonValue.Builder change = JsonObject.builder();
        options.given(POLICY).ifPresent(name -> change.put("policy", name));
        options.given(SHADOW)
                .ifPresent(name -> change.put("shadow_policy", name.equals(NONE) ? "" : name));
        boolean changes = options.given(POLICY).isPresent() || options.given(SHADOW).isPresent();
        try (CacheClient client = options.administrator()) {
            JsonObject status = changes ? client.post(PATH, change.build()) : client.get(PATH);
            return options.print(status, lines(status), terminal);
        }
    }

    private static List<String> lines(JsonObject status) {
        List<String> lines = new ArrayList<>();
        lines.add("policy         " + text(status.member("policy")));
        lines.add("shadow policy  " + text(status.member("shadow_policy")));
        if (status.member("policies") instanceof JsonArray policies) {
            lines.add(
                    "there are      "
                            + String.join(
                                    ", ",
                                    policies.values().stream().map(RoutingCommand::text).toList()));
        }
        return lines;
    }

    private static String text(JsonValue value) {
        return value instanceof JsonString(String text) ? text : NONE;
    }
}
