package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.ports.request.AccountRules;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The keys that clients may send: those of the configuration, and those of a file that is read
 * again when it changes. A file that cannot be used is reported once and leaves the old keys in
 * place. Threads: any.
 */
final class ApiKeys {

    private static final System.Logger LOGGER = System.getLogger(ApiKeys.class.getName());

    private final List<ApiKey> configured;
    private final Optional<WatchedFile> file;
    private volatile List<ApiKey> keys;

    /**
     * @throws IllegalArgumentException if the file cannot be used
     */
    ApiKeys(List<String> configured, Optional<Path> file) {
        this.configured = configured.stream().map(ApiKey::free).toList();
        this.file = file.map(WatchedFile::new);
        this.keys = read();
    }

    /** Whether none is asked for. */
    boolean areNone() {
        return keys.isEmpty() && file.isEmpty();
    }

    /** The key of a digest. All are compared each time, each in constant time. */
    Optional<ApiKey> find(byte[] sha256) {
        ApiKey found = null;
        for (ApiKey key : keys) {
            if (MessageDigest.isEqual(key.sha256(), sha256)) {
                found = key;
            }
        }
        return Optional.ofNullable(found);
    }

    /** What tenants may do, of those that have rules. */
    Map<String, AccountRules> rules() {
        Map<String, AccountRules> rules = new HashMap<>();
        for (ApiKey key : keys) {
            key.rules().ifPresent(each -> rules.put(key.tenant(), each));
        }
        return rules;
    }

    /** Of tenants that have one. */
    Map<String, Double> weights() {
        Map<String, Double> weights = new HashMap<>();
        for (ApiKey key : keys) {
            key.weight().ifPresent(weight -> weights.merge(key.tenant(), weight, Math::max));
        }
        return weights;
    }

    /** Looks at the file, and tells the rules if they are new. */
    void reloadIfChanged(Consumer<Map<String, AccountRules>> newRules) {
        if (file.isEmpty() || !file.get().hasChanged()) {
            return;
        }
        try {
            keys = read();
            newRules.accept(rules());
            LOGGER.log(INFO, "API keys read again, " + keys.size() + " now");
        } catch (IllegalArgumentException unusable) {
            LOGGER.log(
                    WARNING,
                    "the file of API keys changed and cannot be used, the old keys stay: "
                            + unusable.getMessage());
        }
    }

    private List<ApiKey> read() {
        List<ApiKey> all = new ArrayList<>(configured);
        file.ifPresent(watched -> all.addAll(ApiKeyFile.read(watched.path())));
        return List.copyOf(all);
    }
}
