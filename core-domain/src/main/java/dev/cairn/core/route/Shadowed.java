package dev.cairn.core.route;

import dev.cairn.ports.system.JsonValue.JsonObject;

/**
 * What a policy that does not act would have done.
 *
 * @param worker whom it would have picked
 * @param agrees whether that is who was picked
 * @param cost of its pick, by its own reckoning
 * @param costOfPicked of who was picked, by its reckoning
 * @param cachedTokens of the prompt at its pick, as far as is known
 * @param cachedTokensOfPicked at who was picked
 */
public record Shadowed(
        String policy,
        String worker,
        boolean agrees,
        double cost,
        double costOfPicked,
        int cachedTokens,
        int cachedTokensOfPicked) {

    /** What was done costs so much more than what it would have done, as it reckons. */
    public double difference() {
        return costOfPicked - cost;
    }

    /** For logs and {@code explain}. */
    public JsonObject json() {
        return JsonObject.builder()
                .put("policy", policy)
                .put("worker", worker)
                .put("agrees", agrees)
                .put("cost", cost)
                .put("cost_of_picked", costOfPicked)
                .put("cached_tokens", cachedTokens)
                .put("cached_tokens_of_picked", cachedTokensOfPicked)
                .build();
    }
}
