package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.transport.http.HttpSettings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What the parts of {@code cairn cache} have in common. */
final class CacheOptions {

    private static final String URL = "--url";
    private static final String JSON = "--json";
    private static final String PROMPT = "--prompt";
    private static final String IDS = "--ids";
    private static final String MESSAGES = "--messages";
    private static final String TENANT = "--tenant";
    private static final String SALT = "--cache-salt";

    private final ParseResult parsed;
    private Configuration configuration;

    CacheOptions(ParseResult parsed) {
        this.parsed = parsed;
    }

    /** Read when the command line has been found to make sense. */
    private Configuration configuration() {
        if (configuration == null) {
            configuration = SettingOptions.setup(parsed).configuration();
        }
        return configuration;
    }

    static void addTo(CommandSpec spec) {
        spec.addOption(
                text(URL, "URL", "The server; without it the one that these settings describe."));
        spec.addOption(
                OptionSpec.builder(JSON)
                        .type(boolean.class)
                        .arity("0")
                        .description("Prints the server's answer as it is.")
                        .build());
        SettingOptions.addTo(spec);
    }

    /** Options that say which prompt. */
    static void addPromptTo(CommandSpec spec) {
        spec.addOption(text(PROMPT, "TEXT", "The prompt as a text."));
        spec.addOption(text(IDS, "ID,ID,...", "The prompt as token ids."));
        spec.addOption(text(MESSAGES, "JSON", "The prompt as a conversation: a list of messages."));
        addTenantTo(spec, "Whose blocks they are, as `cairn cache` shows tenants.");
        spec.addOption(text(SALT, "TEXT", "The cache_salt of the requests."));
    }

    static void addTenantTo(CommandSpec spec, String meaning) {
        spec.addOption(text(TENANT, "DIGEST", meaning));
    }

    static OptionSpec text(String name, String parameter, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .arity("1")
                .paramLabel(parameter)
                .description(description)
                .build();
    }

    /** An option that is a time, in seconds. */
    static long seconds(String option, String time) {
        try {
            long count = Long.parseLong(time.substring(0, Math.max(0, time.length() - 1)));
            if (count >= 0 && count <= 1_000_000) {
                return switch (time.charAt(time.length() - 1)) {
                    case 's' -> count;
                    case 'm' -> Duration.ofMinutes(count).toSeconds();
                    case 'h' -> Duration.ofHours(count).toSeconds();
                    case 'd' -> Duration.ofDays(count).toSeconds();
                    default -> throw new NumberFormatException(time);
                };
            }
        } catch (NumberFormatException wrong) {
            // Told below.
        }
        throw new UsageException(
                "%s: \"%s\" is no time; write 30s, 15m, 12h or 7d".formatted(option, time));
    }

    /** A client for the administrator. */
    CacheClient administrator() {
        return new CacheClient(url(), configuration().text(HttpSettings.ADMIN_KEY).or(this::key));
    }

    /** A client for who computes. */
    CacheClient client() {
        return new CacheClient(url(), key().or(() -> configuration().text(HttpSettings.ADMIN_KEY)));
    }

    private Optional<String> key() {
        return configuration().list(HttpSettings.API_KEYS).stream().findFirst();
    }

    /** What the command line names; models in the configuration are files of a server. */
    Optional<String> model() {
        List<String> names = parsed.matchedOptionValue("--model", List.of());
        return names.stream().findFirst();
    }

    Optional<String> tenant() {
        return given(TENANT);
    }

    Optional<String> given(String option) {
        return Optional.ofNullable(parsed.matchedOptionValue(option, null));
    }

    /** Whether a prompt is given in any way. */
    boolean namesPrompt() {
        return given(PROMPT).isPresent() || given(IDS).isPresent() || given(MESSAGES).isPresent();
    }

    /** The members of a request that say which prompt. */
    JsonValue.Builder prompt() {
        String way = wayToPrompt();
        var body = owner();
        if (way.equals(PROMPT)) {
            body.put("prompt", given(PROMPT).orElseThrow());
        } else if (way.equals(IDS)) {
            body.put("prompt", list(IDS, "[" + given(IDS).orElseThrow() + "]"));
        } else {
            body.put("messages", list(MESSAGES, given(MESSAGES).orElseThrow()));
        }
        model().ifPresent(name -> body.put("model", name));
        return body;
    }

    /** Those that say whose blocks. */
    JsonValue.Builder owner() {
        var body = JsonObject.builder();
        tenant().ifPresent(name -> body.put("tenant", name));
        given(SALT).ifPresent(salt -> body.put("cache_salt", salt));
        return body;
    }

    private String wayToPrompt() {
        List<String> ways = new ArrayList<>();
        for (String way : List.of(PROMPT, IDS, MESSAGES)) {
            given(way).ifPresent(_ -> ways.add(way));
        }
        if (ways.size() != 1) {
            throw new UsageException(
                    "say which prompt by one of --prompt, --ids and --messages, got "
                            + (ways.isEmpty() ? "none" : String.join(" and ", ways)));
        }
        return ways.getFirst();
    }

    private static JsonArray list(String option, String text) {
        try {
            if (JsonReader.read(text) instanceof JsonArray list) {
                return list;
            }
        } catch (JsonException wrong) {
            // Told below.
        }
        throw new UsageException("%s: %s is no list".formatted(option, text));
    }

    /** Prints an answer as it is, or as the lines that were made of it. */
    int print(JsonObject answer, List<String> lines, Terminal terminal) {
        if (parsed.hasMatchedOption(JSON)) {
            terminal.out().println(JsonWriter.write(answer));
        } else {
            lines.forEach(terminal.out()::println);
        }
        return 0;
    }

    private URI url() {
        String text =
                given(URL)
                        .orElseGet(
                                () ->
                                        "%s://%s:%d"
                                                .formatted(
                                                        configuration()
                                                                        .text(
                                                                                HttpSettings
                                                                                        .TLS_CERTIFICATE)
                                                                        .isPresent()
                                                                ? "https"
                                                                : "http",
                                                        reachable(),
                                                        configuration()
                                                                .integer(HttpSettings.PORT)
                                                                .orElseThrow()));
        try {
            URI url = URI.create(text);
            if ("http".equals(url.getScheme()) || "https".equals(url.getScheme())) {
                return url;
            }
        } catch (IllegalArgumentException wrong) {
            // Said below.
        }
        throw new UsageException(
                "--url: \"%s\" is no address of a server; write http://127.0.0.1:8080"
                        .formatted(text));
    }

    /** Who listens everywhere listens here. */
    private String reachable() {
        String host = configuration().requiredText(HttpSettings.HOST);
        boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
        String name = everywhere ? "127.0.0.1" : host;
        return name.indexOf(':') >= 0 ? "[" + name + "]" : name;
    }
}
