package dev.cairn.storage.hub;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Where the hub is, who asks, and where its files are kept: Cairn's settings, else the environment
 * that Hugging Face's tools read.
 *
 * @param endpoint without a slash at the end
 * @param token empty for an anonymous reader
 * @param cache folder of {@code models--ORG--NAME}
 * @param offline whether the network must not be asked
 * @param connections files that are fetched at once
 * @param patience how long a connection may stay silent
 */
record HubSettings(
        String endpoint,
        Optional<String> token,
        Path cache,
        boolean offline,
        int connections,
        Duration patience) {

    private static final String ENDPOINT = "cairn.hub.endpoint";
    private static final String TOKEN = "cairn.hub.token";
    private static final String CACHE = "cairn.hub.cache";
    private static final String OFFLINE = "cairn.hub.offline";
    private static final String CONNECTIONS = "cairn.hub.connections";
    private static final String PATIENCE = "cairn.hub.patience";
    private static final Set<String> YES = Set.of("1", "ON", "YES", "TRUE");
    private static final Set<String> WEB = Set.of("http", "https");
    private static final int MOST_CONNECTIONS = 32;

    /** Without the token, which nobody may read in a log. */
    @Override
    public String toString() {
        return "HubSettings[%s, %s]".formatted(endpoint, cache);
    }

    static List<SettingDescription> describe() {
        return List.of(
                SettingDescription.optional(
                        ENDPOINT,
                        Type.STRING,
                        "Hub that --model ORG/NAME is fetched from; unset takes HF_ENDPOINT, else"
                                + " https://huggingface.co."),
                new SettingDescription(
                        TOKEN,
                        Type.STRING,
                        Optional.empty(),
                        "Access token for the hub; unset takes HF_TOKEN, else the file that the"
                                + " hub's own login writes.",
                        true),
                SettingDescription.optional(
                        CACHE,
                        Type.STRING,
                        "Folder for models of the hub, shared with Hugging Face's tools; unset takes"
                                + " HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub."),
                SettingDescription.optional(
                        OFFLINE,
                        Type.BOOLEAN,
                        "Whether models that are not in the cache are refused instead of fetched;"
                                + " unset takes HF_HUB_OFFLINE, else false."),
                SettingDescription.of(
                        CONNECTIONS, Type.INTEGER, "4", "Files of a model fetched at once."),
                SettingDescription.of(
                        PATIENCE,
                        Type.DURATION,
                        "30s",
                        "How long the hub may stay silent before a file is asked for again."));
    }

    /**
     * @param environment null for an unset variable
     */
    static HubSettings read(Settings settings, UnaryOperator<String> environment) {
        Path home = home(environment);
        return new HubSettings(
                endpoint(
                        settings.text(ENDPOINT)
                                .or(() -> set(environment, "HF_ENDPOINT"))
                                .orElse("https://huggingface.co")),
                settings.text(TOKEN)
                        .or(() -> set(environment, "HF_TOKEN"))
                        .or(() -> tokenFile(home, environment)),
                path(
                        settings.text(CACHE)
                                .or(() -> set(environment, "HF_HUB_CACHE"))
                                .orElseGet(() -> home.resolve("hub").toString())),
                settings.flag(OFFLINE)
                        .orElseGet(
                                () ->
                                        set(environment, "HF_HUB_OFFLINE")
                                                .filter(text -> YES.contains(upper(text)))
                                                .isPresent()),
                connections(settings.integer(CONNECTIONS).orElseThrow()),
                patience(settings.duration(PATIENCE).orElseThrow()));
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    private static Optional<String> set(UnaryOperator<String> environment, String name) {
        return Optional.ofNullable(environment.apply(name))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }

    private static Path home(UnaryOperator<String> environment) {
        return path(
                set(environment, "HF_HOME")
                        .or(
                                () ->
                                        set(environment, "XDG_CACHE_HOME")
                                                .map(cache -> cache + "/huggingface"))
                        .orElseGet(() -> System.getProperty("user.home") + "/.cache/huggingface"));
    }

    private static Path path(String text) {
        try {
            String home = System.getProperty("user.home");
            return Path.of(text.startsWith("~/") ? home + text.substring(1) : text)
                    .toAbsolutePath()
                    .normalize();
        } catch (InvalidPathException e) {
            throw new Settings.SettingException(
                    "%s: \"%s\" is no path: %s".formatted(CACHE, text, e.getReason()));
        }
    }

    /** What {@code hf auth login} wrote. */
    private static Optional<String> tokenFile(Path home, UnaryOperator<String> environment) {
        Path file =
                set(environment, "HF_TOKEN_PATH")
                        .map(HubSettings::path)
                        .orElseGet(() -> home.resolve("token"));
        try {
            return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private static String endpoint(String text) {
        String trimmed = text.replaceFirst("/+$", "");
        try {
            URI uri = URI.create(trimmed);
            if (WEB.contains(String.valueOf(uri.getScheme())) && uri.getHost() != null) {
                return trimmed;
            }
        } catch (IllegalArgumentException malformed) {
            // Said below, as for what is no address of the web.
        }
        throw new Settings.SettingException(
                "%s (or HF_ENDPOINT): \"%s\" is no address; write it like https://huggingface.co"
                        .formatted(ENDPOINT, text));
    }

    private static int connections(long wanted) {
        if (wanted < 1 || wanted > MOST_CONNECTIONS) {
            throw new Settings.SettingException(
                    "%s: %d is none of 1 to %d".formatted(CONNECTIONS, wanted, MOST_CONNECTIONS));
        }
        return (int) wanted;
    }

    private static Duration patience(Duration wanted) {
        if (wanted.isNegative() || wanted.isZero() || wanted.toMillis() > Integer.MAX_VALUE) {
            throw new Settings.SettingException(
                    "%s: %s is no time to wait; write one like 30s".formatted(PATIENCE, wanted));
        }
        return wanted;
    }
}
