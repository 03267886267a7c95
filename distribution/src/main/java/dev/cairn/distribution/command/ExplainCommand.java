package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.fleet.StoryText;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn explain}. */
final class ExplainCommand implements ProgramCommand {

    private static final String PATH = "/v1/cairn/explain/";

    @Override
    public String name() {
        return "explain";
    }

    @Override
    public String summary() {
        return "Says why a router sent a request where it did, and what came of it.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("0")
                        .arity("1")
                        .type(String.class)
                        .paramLabel("ID")
                        .description("The id of the answer, or the request's x-request-id.")
                        .build());
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions options = new CacheOptions(parsed);
        String id = parsed.matchedPositionalValue(0, "");
        try (CacheClient client = options.administrator()) {
            JsonObject story = client.get(PATH + URLEncoder.encode(id, StandardCharsets.UTF_8));
            return options.print(story, StoryText.lines(story), terminal);
        }
    }
}
