package dev.cairn.distribution.bench.client;

import java.util.Arrays;
import java.util.Optional;

/**
 * How a streamed answer went, seen from here. Times are {@link System#nanoTime}.
 *
 * @param stamps when each chunk with text arrived; the caller does not change it
 * @param usage as the server counted, where it did
 * @param text of the answer if it was asked for, else empty
 * @param problem empty where the answer came to its end
 */
public record Streamed(
        long startNanos,
        long endNanos,
        long[] stamps,
        Optional<TokenUsage> usage,
        String text,
        Optional<Problem> problem) {

    /** The same with times from another zero. */
    public Streamed since(long zeroNanos) {
        long[] moved = Arrays.stream(stamps).map(stamp -> stamp - zeroNanos).toArray();
        return new Streamed(
                startNanos - zeroNanos, endNanos - zeroNanos, moved, usage, text, problem);
    }

    public boolean answered() {
        return problem.isEmpty();
    }

    /**
     * Tokens as a server counts them in {@code usage}.
     *
     * @param cached prompt tokens that it had computed before; empty if it does not say
     */
    public record TokenUsage(long prompt, long completion, Optional<Long> cached) {}

    /**
     * Why there is no whole answer.
     *
     * @param kind few words that group alike failures: {@code "http 429"}, {@code "connect"}
     * @param retryAfter whether the server said when to come again
     */
    public record Problem(String kind, String message, boolean retryAfter) {

        public static final String CANCELLED = "cancelled";
        public static final String SKIPPED = "skipped";

        static Problem of(String kind, String message) {
            return new Problem(kind, message, false);
        }
    }
}
