package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.cache.CacheTables;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn cache clear}. */
final class CacheClearCommand implements ProgramCommand {

    private static final String TIERS = "--tiers";
    private static final String OLDER = "--older-than";
    private static final String ALL = "--all";

    @Override
    public String name() {
        return "clear";
    }

    @Override
    public String summary() {
        return "Forgets blocks by --model, --tenant, --older-than and --tiers, or --all of them, and"
                + " says how many.";
    }

    @Override
    public void describe(CommandSpec spec) {
        CacheOptions.addTenantTo(spec, "Only blocks of this tenant, as `cairn cache` shows it.");
        spec.addOption(
                CacheOptions.text(
                        OLDER, "TIME", "Only blocks in tiers that are so old: 30s, 15m, 12h, 7d."));
        spec.addOption(
                CacheOptions.text(TIERS, "NAME,...", "Only in these places: device, or tiers."));
        spec.addOption(
                OptionSpec.builder(ALL)
                        .type(boolean.class)
                        .arity("0")
                        .description("Everything, of all models.")
                        .build());
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions given = new CacheOptions(parsed);
        var body = JsonObject.builder();
        if (parsed.hasMatchedOption(ALL)) {
            body.put("all", true);
        } else {
            given.model().ifPresent(name -> body.put("model", name));
        }
        given.tenant().ifPresent(name -> body.put("tenant", name));
        given.given(OLDER)
                .ifPresent(
                        time -> body.put("older_than_seconds", CacheOptions.seconds(OLDER, time)));
        given.given(TIERS).ifPresent(names -> body.put("tiers", list(names)));
        JsonObject asked = body.build();
        if (asked.members().isEmpty()) {
            throw new UsageException(
                    "say what to clear by --model, --tenant, --older-than or --tiers, or say --all");
        }
        try (CacheClient client = given.administrator()) {
            JsonObject answer = client.post(CacheCommand.PATH + "/clear", asked);
            return given.print(answer, CacheTables.counts(answer), terminal);
        }
    }

    private static JsonValue list(String names) {
        List<JsonValue.JsonString> values =
                Stream.of(names.split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .map(JsonValue::of)
                        .toList();
        return JsonValue.array(values);
    }
}
