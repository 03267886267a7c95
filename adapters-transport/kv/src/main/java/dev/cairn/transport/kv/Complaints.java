package dev.cairn.transport.kv;

import dev.cairn.ports.system.Clock;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * Warnings that strangers can cause: one now and then, so that nobody fills the log from outside.
 *
 * <p>Threads: any.
 */
final class Complaints {

    private static final System.Logger LOGGER = System.getLogger(Complaints.class.getName());
    private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

    private final Clock clock;
    private long next;
    private long kept;

    Complaints(Clock clock) {
        this.clock = clock;
        this.next = clock.nanos();
    }

    void about(String peer, String what) {
        LOGGER.log(Level.DEBUG, "peer {0} {1}; closed", peer, what);
        long silent;
        synchronized (this) {
            if (clock.nanos() - next < 0) {
                kept++;
                return;
            }
            next = clock.nanos() + PAUSE_NANOS;
            silent = kept;
            kept = 0;
        }
        LOGGER.log(
                Level.WARNING,
                "peer {0} {1}; closed ({2} such complaints were not logged)",
                peer,
                what,
                silent);
    }
}
