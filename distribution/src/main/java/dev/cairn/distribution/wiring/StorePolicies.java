package dev.cairn.distribution.wiring;

import dev.cairn.core.cache.StorePolicy;
import dev.cairn.distribution.config.Configuration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When blocks go to tiers, as configured: {@code cairn.cache.TIER.store} and what belongs to it.
 */
final class StorePolicies {

    private static final int MOST_USES = 1_000_000;

    private StorePolicies() {}

    /**
     * @param tiers by name; one that describes no such setting gets blocks as they are computed
     * @throws dev.cairn.ports.system.Settings.SettingException for a word that is none
     */
    static Map<String, StorePolicy> read(Configuration configuration, List<String> tiers) {
        Map<String, StorePolicy> policies = new HashMap<>();
        for (String tier : tiers) {
            String key = "cairn.cache." + tier + ".store";
            if (configuration.knows(key)) {
                policies.put(tier, policy(configuration, key));
            }
        }
        return policies;
    }

    private static StorePolicy policy(Configuration configuration, String key) {
        String word = configuration.requiredText(key);
        return switch (word) {
            case "write-through" -> StorePolicy.AT_ONCE;
            case "write-back" -> new StorePolicy.WriteBack();
            case "selective" ->
                    new StorePolicy.Selective(
                            configuration.requiredInteger(key + "-after", 1, MOST_USES));
            default ->
                    throw configuration.problem(
                            key,
                            "\"%s\" is unknown; write write-through, selective or write-back"
                                    .formatted(word));
        };
    }
}
