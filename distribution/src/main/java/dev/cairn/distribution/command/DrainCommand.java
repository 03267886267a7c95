package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.cache.CacheTables;
import dev.cairn.ports.system.JsonValue.JsonObject;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn drain} and {@code cairn cache drain}. */
final class DrainCommand implements ProgramCommand {

    private static final String SECONDS = "--seconds";

    private final String path;
    private final String summary;

    private DrainCommand(String path, String summary) {
        this.path = path;
        this.summary = summary;
    }

    static DrainCommand ofWorker() {
        return new DrainCommand(
                "/v1/cairn/drain",
                "Takes a worker out of service: others go on with what it does, and get its blocks.");
    }

    static DrainCommand ofCache() {
        return new DrainCommand(
                CacheCommand.PATH + "/drain",
                "Hands the blocks that would be missed most to the other members of the fleet.");
    }

    @Override
    public String name() {
        return "drain";
    }

    @Override
    public String summary() {
        return summary;
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
            JsonObject answer = client.post(path, body.build());
            return given.print(answer, CacheTables.counts(answer), terminal);
        }
    }
}
