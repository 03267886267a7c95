package dev.cairn.core.relay;

import dev.cairn.core.fleet.health.HealthOptions;
import dev.cairn.ports.fleet.RoutingPolicy;
import java.time.Duration;

/**
 * How relayed requests are routed.
 *
 * @param policy picks the worker
 * @param health when a worker is gone and back
 * @param mostWorkers that may be known at once, those included that left and still answer
 * @param mostRunning requests relayed at once; more are refused with 429
 * @param prefixPlaces of the {@link ByteBlockIndex}, 16 bytes each
 * @param mostAttempts of one request
 * @param retryShare retries as a share of the requests
 * @param hedgeAfter how long a worker may be silent before a second one is asked, too; zero = never
 * @param splitFrom uncached bytes of a prompt from which on it is read by a prefill worker
 */
public record RelayOptions(
        RoutingPolicy policy,
        HealthOptions health,
        int mostWorkers,
        int mostRunning,
        int prefixPlaces,
        int mostAttempts,
        double retryShare,
        Duration hedgeAfter,
        long splitFrom) {

    private static final int MOST_WORKERS = 1 << 15;

    public RelayOptions {
        if (mostWorkers < 1 || mostWorkers > MOST_WORKERS) {
            throw new IllegalArgumentException(
                    "a relay has 1 to " + MOST_WORKERS + " workers, not " + mostWorkers);
        }
        if (mostRunning < 1 || mostAttempts < 1) {
            throw new IllegalArgumentException("a relay lets at least one request through");
        }
    }

    /** With the usual numbers. */
    public static RelayOptions of(RoutingPolicy policy) {
        return new RelayOptions(
                policy, HealthOptions.USUAL, 1024, 8192, 1 << 18, 4, 0.2, Duration.ZERO, 4096);
    }
}
