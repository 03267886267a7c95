package dev.cairn.core.fleet.health;

import java.time.Duration;

/**
 * When a worker counts as gone, and as back.
 *
 * @param probeWell how often a worker that answers is looked at
 * @param probeGone how often one is that does not
 * @param mostSilent probes in a row without an answer until a worker counts as gone; a refused
 *     connection counts at once
 * @param mostFailures failed answers in a row until its breaker opens
 * @param open how long the breaker stays open the first time; each further time twice as long
 * @param mostOpen the longest
 * @param slowStart how long a worker that is back gets fewer requests than others
 */
public record HealthOptions(
        Duration probeWell,
        Duration probeGone,
        int mostSilent,
        int mostFailures,
        Duration open,
        Duration mostOpen,
        Duration slowStart) {

    public static final HealthOptions USUAL =
            new HealthOptions(
                    Duration.ofSeconds(2),
                    Duration.ofMillis(500),
                    2,
                    5,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10));

    public HealthOptions {
        if (mostSilent < 1 || mostFailures < 1) {
            throw new IllegalArgumentException("at least one failure is needed to see one");
        }
    }
}
