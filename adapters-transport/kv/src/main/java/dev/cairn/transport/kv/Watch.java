package dev.cairn.transport.kv;

import dev.cairn.ports.system.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks at every connection again and again, for a thread that waits for a dead peer cannot look at
 * a clock.
 *
 * <p>Threads: any.
 */
final class Watch implements AutoCloseable {

    private final Set<Watched> all = ConcurrentHashMap.newKeySet();
    private final Clock clock;
    private final long everyMillis;
    private final Thread thread;
    private boolean closed;

    Watch(Clock clock, Duration timeout) {
        this.clock = clock;
        this.everyMillis = Math.clamp(timeout.toMillis() / 8, 2, 250);
        this.thread = Thread.ofPlatform().daemon().name("kv-watch").start(this::run);
    }

    void add(Watched watched) {
        all.add(watched);
    }

    void remove(Watched watched) {
        all.remove(watched);
    }

    private void run() {
        while (pause()) {
            long nanos = clock.nanos();
            all.forEach(watched -> watched.check(nanos));
        }
    }

    private synchronized boolean pause() {
        try {
            if (!closed) {
                wait(everyMillis);
            }
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; closing is how it ends.
            Thread.interrupted();
        }
        return !closed;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Threads.join(thread);
    }
}
