package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.fleet.WorkerLines;
import dev.cairn.ports.system.JsonValue.JsonObject;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn workers}. */
final class WorkersCommand implements ProgramCommand {

    @Override
    public String name() {
        return "workers";
    }

    @Override
    public String summary() {
        return "Says who a running router's workers are, and how each is.";
    }

    @Override
    public void describe(CommandSpec spec) {
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions options = new CacheOptions(parsed);
        try (CacheClient client = options.administrator()) {
            JsonObject workers = client.get("/v1/cairn/workers");
            return options.print(workers, WorkerLines.of(workers), terminal);
        }
    }
}
