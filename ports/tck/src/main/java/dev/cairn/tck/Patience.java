package dev.cairn.tck;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for what another thread or process does in its own time, where nothing tells that it is
 * done. Long enough for a loaded machine; nothing is measured by it.
 */
public final class Patience {

    private static final long LIMIT_NANOS = Duration.ofMinutes(2).toNanos();
    private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

    private Patience() {}

    /**
     * Returns once it is so.
     *
     * @param what for the failure's message
     * @return how long it took, in nanoseconds
     */
    public static long until(String what, BooleanSupplier so) {
        long start = System.nanoTime();
        while (!so.getAsBoolean()) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                throw new AssertionError("not in two minutes: " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return System.nanoTime() - start;
    }
}
