package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.cache.CacheTables;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * A verb of {@code cairn cache} that is about one prompt.
 *
 * @param options beside those that say which prompt
 * @param table makes lines of the answer
 */
record CachePromptCommand(
        String name, String summary, List<Option> options, Function<JsonObject, List<String>> table)
        implements ProgramCommand {

    static List<ProgramCommand> all() {
        return List.of(
                new CachePromptCommand(
                        "lookup",
                        "Says which blocks of a prompt are where, and how many tokens need not be"
                                + " computed.",
                        List.of(),
                        CacheTables::lookup),
                new CachePromptCommand(
                        "pin",
                        "Keeps a prompt's blocks in a tier until they are unpinned or cleared.",
                        List.of(Option.TIER),
                        CacheTables::counts),
                new CachePromptCommand(
                        "unpin",
                        "Lets pinned blocks of a prompt go.",
                        List.of(Option.TIER),
                        CacheTables::counts),
                new CachePromptCommand(
                        "move",
                        "Moves a prompt's blocks to another tier, or to a peer.",
                        List.of(Option.FROM, Option.TO),
                        CacheTables::counts));
    }

    @Override
    public void describe(CommandSpec spec) {
        CacheOptions.addPromptTo(spec);
        for (Option option : options) {
            spec.addOption(CacheOptions.text(option.flag, "TIER", option.meaning));
        }
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions given = new CacheOptions(parsed);
        JsonValue.Builder body = given.prompt();
        for (Option option : options) {
            given.given(option.flag).ifPresent(value -> body.put(option.field, value));
        }
        try (CacheClient client = given.administrator()) {
            JsonObject answer = client.post(CacheCommand.PATH + "/" + name, body.build());
            return given.print(answer, table.apply(answer), terminal);
        }
    }

    /** An option that names a tier. */
    enum Option {
        TIER("--tier", "tier", "Where; without it, wherever the blocks are."),
        FROM("--from", "from", "Where they are: device or a tier."),
        TO("--to", "to", "Where they are to be: a tier, or peer:MEMBER.");

        private final String flag;
        private final String field;
        private final String meaning;

        Option(String flag, String field, String meaning) {
            this.flag = flag;
            this.field = field;
            this.meaning = meaning;
        }
    }
}
