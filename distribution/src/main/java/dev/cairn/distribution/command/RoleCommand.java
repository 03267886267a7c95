package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.cache.CacheTables;
import dev.cairn.ports.system.JsonValue.JsonObject;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn role}. */
final class RoleCommand implements ProgramCommand {

    private static final String PATH = "/v1/cairn/role";

    @Override
    public String name() {
        return "role";
    }

    @Override
    public String summary() {
        return "Says what a worker does in its fleet, or gives it another role.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("0")
                        .arity("0..1")
                        .type(String.class)
                        .paramLabel("ROLE")
                        .description("prefill, decode or all; without it nothing is changed.")
                        .build());
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions given = new CacheOptions(parsed);
        String role = parsed.matchedPositionalValue(0, "");
        try (CacheClient client = given.administrator()) {
            JsonObject answer =
                    role.isEmpty()
                            ? client.get(PATH)
                            : client.post(PATH, JsonObject.builder().put("role", role).build());
            return given.print(answer, CacheTables.counts(answer), terminal);
        }
    }
}
