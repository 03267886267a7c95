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

    private static final String UNPIN = "unpin";

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
                        "Keeps a prompt's blocks in a tier until they are unpinned or cleared, or"
                                + " for a time.",
                        List.of(Option.TIER, Option.NAME, Option.TTL),
                        CacheTables::counts),
                new CachePromptCommand(
                        UNPIN,
                        "Lets pinned blocks of a prompt go, or those of a pin that has a name.",
                        List.of(Option.TIER, Option.NAME),
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
            spec.addOption(CacheOptions.text(option.flag, option.parameter, option.meaning));
        }
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions given = new CacheOptions(parsed);
        boolean byName =
                name.equals(UNPIN)
                        && parsed.hasMatchedOption(Option.NAME.flag)
                        && !given.namesPrompt();
        JsonValue.Builder body = byName ? given.owner() : given.prompt();
        for (Option option : options) {
            given.given(option.flag).ifPresent(value -> option.put(body, value));
        }
        try (CacheClient client = given.administrator()) {
            JsonObject answer = client.post(CacheCommand.PATH + "/" + name, body.build());
            return given.print(answer, table.apply(answer), terminal);
        }
    }

    /** What a verb wants to know beside the prompt. */
    enum Option {
        TIER("--tier", "tier", "TIER", "Where; without it, wherever the blocks are."),
        FROM("--from", "from", "TIER", "Where they are: device or a tier."),
        TO("--to", "to", "TIER", "Where they are to be: a tier, or peer:MEMBER."),
        NAME("--name", "name", "NAME", "What the pin is called; it ends by that name."),
        TTL("--ttl", "ttl_seconds", "TIME", "How long a pin with a name lasts: 30s, 15m, 12h, 7d.");

        private final String flag;
        private final String field;
        private final String parameter;
        private final String meaning;

        Option(String flag, String field, String parameter, String meaning) {
            this.flag = flag;
            this.field = field;
            this.parameter = parameter;
            this.meaning = meaning;
        }

        private void put(JsonValue.Builder body, String value) {
            if (this == TTL) {
                body.put(field, CacheOptions.seconds(flag, value));
            } else {
                body.put(field, value);
            }
        }
    }
}
