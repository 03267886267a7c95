package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.cache.CacheTables;
import dev.cairn.ports.system.JsonValue.JsonObject;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn drain}. */
final class DrainCommand implements ProgramCommand {

    private static final String PATH = "/v1/cairn/drain";
    private static final String SECONDS = "--seconds";

    @Override
    public String name() {
        return "drain";
    }

    @Override
    public String summary() {
        return "Takes a worker out of service: others go on with what it does, and get its blocks.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addOption(
                OptionSpec.builder(SECONDS)
                        .type(Integer.class)
                        .arity("1")
                        .paramLabel("N")
                        .description("Longest that handing blocks over may take; 60 by default.")
                        .build());
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions given = new CacheOptions(parsed);
        var body = JsonObject.builder();
        Integer seconds = parsed.matchedOptionValue(SECONDS, null);
        if (seconds != null) {
            body.put("seconds", seconds);
        }
        try (CacheClient client = given.administrator()) {
            JsonObject answer = client.post(PATH, body.build());
            return given.print(answer, CacheTables.counts(answer), terminal);
        }
    }
}
