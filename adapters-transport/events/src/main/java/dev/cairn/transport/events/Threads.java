package dev.cairn.transport.events;

import java.time.Duration;

/** Threads that end when they are told to. */
final class Threads {

    private static final Duration MOST = Duration.ofSeconds(5);

    private Threads() {}

    /** Waits for the end of a thread, not for ever. */
    static void join(Thread thread) {
        try {
            thread.join(MOST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
