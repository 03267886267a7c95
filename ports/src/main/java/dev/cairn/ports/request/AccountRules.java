package dev.cairn.ports.request;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What one account may do: the holder of an API key, or of several that share it.
 *
 * @param name for messages, logs and metrics; no secret
 * @param models that it may use; empty = all
 * @param requestsPerMinute of a bucket that holds a minute's worth; empty = any number
 * @param tokensPerMinute prompt and answer tokens. The answer's are charged when it is over, so
 *     that the bucket may go below nothing; no request is let in then. Empty = any number
 * @param tokensPerDay from midnight UTC on, charged likewise; counted since the process started
 * @param priority of its requests, lower is sooner; what a request says comes on top and can only
 *     make it later
 */
public record AccountRules(
        String name,
        Set<String> models,
        OptionalInt requestsPerMinute,
        OptionalLong tokensPerMinute,
        OptionalLong tokensPerDay,
        int priority) {

    public AccountRules {
        models = Set.copyOf(models);
    }

    /** May do what everybody may. */
    public static AccountRules free(String name) {
        return new AccountRules(
                name, Set.of(), OptionalInt.empty(), OptionalLong.empty(), OptionalLong.empty(), 0);
    }

    /** Whether it may use a model. */
    public boolean allows(String model) {
        return models.isEmpty() || models.contains(model);
    }
}
