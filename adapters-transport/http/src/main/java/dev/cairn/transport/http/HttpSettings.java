package dev.cairn.transport.http;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The configuration keys of the HTTP server. */
public final class HttpSettings {

    public static final String HOST = "cairn.http.host";
    public static final String PORT = "cairn.http.port";
    public static final String API_KEYS = "cairn.http.api-keys";
    public static final String API_KEY_FILE = "cairn.http.api-key-file";
    public static final String API_KEY_WEIGHTS = "cairn.http.api-key-weights";
    public static final String ADMIN_KEY = "cairn.http.admin-key";
    public static final String INSECURE = "cairn.http.insecure";
    public static final String TLS_CERTIFICATE = "cairn.http.tls.certificate";
    public static final String TLS_PRIVATE_KEY = "cairn.http.tls.private-key";
    public static final String TLS_POLL = "cairn.http.tls.poll";
    public static final String TRUST_CHAT_TEMPLATES = "cairn.http.trust-request-chat-template";
    public static final String KEEP_ALIVE_COMMENT = "cairn.http.keep-alive-comment";
    public static final String MAX_BODY = "cairn.http.max-body";
    public static final String MAX_HEADERS = "cairn.http.max-headers";
    public static final String MAX_JSON_DEPTH = "cairn.http.max-json-depth";
    public static final String MAX_SEQUENCES = "cairn.http.max-sequences";
    public static final String MAX_LOGPROBS = "cairn.http.max-logprobs";
    public static final String MAX_CONNECTIONS = "cairn.http.max-connections";
    public static final String SEND_TIME = "cairn.http.send-time";

    private HttpSettings() {}

    /** Every key that {@link #read} asks for. */
    public static List<SettingDescription> describe() {
        return List.of(
                SettingDescription.of(HOST, Type.STRING, "127.0.0.1", "Address to listen on."),
                SettingDescription.of(
                        PORT, Type.INTEGER, "8080", "Port to listen on; 0 takes a free one."),
                secret(API_KEYS, Type.LIST, "Keys, one of which every client must send."),
                SettingDescription.optional(
                        API_KEY_FILE,
                        Type.STRING,
                        "JSON file with digests of more keys, and what each may do: models, requests"
                                + " and tokens per minute, tokens per day, priority, weight; read"
                                + " again when it changes."),
                SettingDescription.optional(
                        API_KEY_WEIGHTS,
                        Type.LIST,
                        "Share of each API key, in the order of the keys, when there is not enough"
                                + " for all; unset: equal."),
                secret(
                        ADMIN_KEY,
                        Type.STRING,
                        "Key for the verbs under /v1/cairn; unset, they answer loopback only, and ask for"
                                + " one of the API keys if there are any."),
                SettingDescription.of(
                        INSECURE,
                        Type.BOOLEAN,
                        "false",
                        "Listen beyond loopback without an API key."),
                SettingDescription.optional(
                        TLS_CERTIFICATE,
                        Type.STRING,
                        "PEM file with the certificate chain; read again when it changes."),
                SettingDescription.optional(
                        TLS_PRIVATE_KEY,
                        Type.STRING,
                        "PEM file with the private key (PKCS#8, or PKCS#1 for RSA)."),
                SettingDescription.of(
                        TLS_POLL,
                        Type.DURATION,
                        "10s",
                        "How often the files of certificates and API keys are looked at."),
                SettingDescription.of(
                        TRUST_CHAT_TEMPLATES,
                        Type.BOOLEAN,
                        "false",
                        "Allow a request to bring its own chat_template."),
                SettingDescription.of(
                        KEEP_ALIVE_COMMENT,
                        Type.DURATION,
                        "15s",
                        "Silence of an open stream after which a comment is sent."),
                SettingDescription.of(MAX_BODY, Type.SIZE, "32MiB", "Largest request body."),
                SettingDescription.of(
                        MAX_HEADERS, Type.SIZE, "16KiB", "Largest headers of a request."),
                SettingDescription.of(
                        MAX_JSON_DEPTH, Type.INTEGER, "64", "Deepest nesting of a request body."),
                SettingDescription.of(
                        MAX_SEQUENCES,
                        Type.INTEGER,
                        "128",
                        "Most answers of one request: prompts times n."),
                SettingDescription.of(
                        MAX_LOGPROBS,
                        Type.INTEGER,
                        "20",
                        "Most log-probabilities per token that a request may ask for."),
                SettingDescription.of(
                        MAX_CONNECTIONS, Type.INTEGER, "4096", "Connections open at once."),
                SettingDescription.of(
                        SEND_TIME,
                        Type.DURATION,
                        "2m",
                        "How long a client may take to send one request."));
    }

    /**
     * The options as configured.
     *
     * @throws Settings.SettingException for a value out of range, naming its key
     */
    public static HttpOptions read(Settings settings) {
        return new HttpOptions(
                settings.text(HOST).orElseThrow(),
                whole(settings, PORT, 0, 65_535),
                settings.list(API_KEYS),
                settings.text(API_KEY_FILE).map(Path::of),
                settings.text(ADMIN_KEY),
                settings.flag(INSECURE).orElse(false),
                tls(settings),
                settings.flag(TRUST_CHAT_TEMPLATES).orElse(false),
                span(settings, KEEP_ALIVE_COMMENT),
                span(settings, TLS_POLL),
                new HttpOptions.Limits(
                        size(settings, MAX_BODY, 1024, 1L << 30),
                        (int) size(settings, MAX_HEADERS, 1024, 1 << 20),
                        whole(settings, MAX_JSON_DEPTH, 8, 512),
                        whole(settings, MAX_SEQUENCES, 1, 65_536),
                        whole(settings, MAX_LOGPROBS, 0, 1 << 20),
                        whole(settings, MAX_CONNECTIONS, 1, 1 << 20),
                        span(settings, SEND_TIME)));
    }

    /**
     * The weights of tenants, by the tenant that a key stands for; those of the file as they are
     * now.
     *
     * @throws Settings.SettingException if there are not as many weights as keys, or one is no
     *     number above 0
     */
    public static Map<String, Double> tenantWeights(Settings settings) {
        Map<String, Double> byTenant =
                tenantWeights(settings.list(API_KEYS), settings.list(API_KEY_WEIGHTS));
        byTenant.putAll(keys(List.of(), settings.text(API_KEY_FILE).map(Path::of)).weights());
        return byTenant;
    }

    /**
     * @throws Settings.SettingException if the file cannot be used
     */
    static ApiKeys keys(List<String> configured, Optional<Path> file) {
        try {
            return new ApiKeys(configured, file);
        } catch (IllegalArgumentException unusable) {
            throw new Settings.SettingException(API_KEY_FILE + ": " + unusable.getMessage());
        }
    }

    static Map<String, Double> tenantWeights(List<String> keys, List<String> weights) {
        if (!weights.isEmpty() && weights.size() != keys.size()) {
            throw new Settings.SettingException(
                    API_KEY_WEIGHTS
                            + " has "
                            + weights.size()
                            + " weights for "
                            + keys.size()
                            + " keys of "
                            + API_KEYS
                            + "; give one for each");
        }
        Map<String, Double> byTenant = new HashMap<>();
        for (int i = 0; i < weights.size(); i++) {
            byTenant.put(ApiKey.free(keys.get(i)).tenant(), weight(weights.get(i)));
        }
        return byTenant;
    }

    private static double weight(String text) {
        try {
            double weight = Double.parseDouble(text);
            if (weight > 0 && weight <= 1e6) {
                return weight;
            }
        } catch (NumberFormatException noNumber) {
            // Told below, as a number out of range is.
        }
        throw new Settings.SettingException(
                API_KEY_WEIGHTS + ": \"" + text + "\" is no weight; write a number above 0");
    }

    private static Optional<HttpOptions.TlsFiles> tls(Settings settings) {
        Optional<String> certificate = settings.text(TLS_CERTIFICATE);
        Optional<String> key = settings.text(TLS_PRIVATE_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            throw new Settings.SettingException(
                    TLS_CERTIFICATE + " and " + TLS_PRIVATE_KEY + " must be set together");
        }
        return certificate.map(
                file -> new HttpOptions.TlsFiles(Path.of(file), Path.of(key.orElseThrow())));
    }

    private static int whole(Settings settings, String key, int least, int most) {
        return (int) within(key, settings.integer(key).orElseThrow(), least, most);
    }

    private static long size(Settings settings, String key, long least, long most) {
        return within(key, settings.size(key).orElseThrow(), least, most);
    }

    /** A duration that something is repeated in or waited for. */
    private static Duration span(Settings settings, String key) {
        Duration span = settings.duration(key).orElseThrow();
        if (span.compareTo(Duration.ofSeconds(1)) < 0 || span.compareTo(Duration.ofDays(1)) > 0) {
            throw new Settings.SettingException(
                    key + " is " + span.toMillis() + "ms; write a value from 1s to 24h");
        }
        return span;
    }

    private static long within(String key, long value, long least, long most) {
        if (value < least || value > most) {
            throw new Settings.SettingException(
                    key + " is " + value + "; write a value from " + least + " to " + most);
        }
        return value;
    }

    private static SettingDescription secret(String key, Type type, String meaning) {
        return new SettingDescription(key, type, Optional.empty(), meaning, true);
    }
}
