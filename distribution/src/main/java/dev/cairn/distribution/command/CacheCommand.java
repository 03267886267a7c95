package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.cache.CacheTables;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn cache}: what a running server's caches hold; its parts change that. */
final class CacheCommand implements ProgramCommand {

    static final String PATH = "/v1/cairn/cache";

    @Override
    public String name() {
        return "cache";
    }

    @Override
    public String summary() {
        return "Shows the KV caches of a running server; looks up, pins, moves, clears and warms"
                + " what is in them.";
    }

    @Override
    public void describe(CommandSpec spec) {
        CacheOptions.addTo(spec);
    }

    @Override
    public List<ProgramCommand> parts() {
        List<ProgramCommand> parts = new ArrayList<>(CachePromptCommand.all());
        parts.add(new CacheClearCommand());
        parts.add(new CacheWarmCommand());
        parts.add(DrainCommand.ofCache());
        return parts;
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions options = new CacheOptions(parsed);
        try (CacheClient client = options.administrator()) {
            JsonObject status = client.get(PATH);
            return options.print(status, CacheTables.status(status), terminal);
        }
    }
}
