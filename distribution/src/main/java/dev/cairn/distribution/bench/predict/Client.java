package dev.cairn.distribution.bench.predict;

import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.ports.system.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Submits requests and knows whether the engine rests.
 *
 * <p>Threads: submits on any; {@link Rest#begins} is called on the backend's.
 */
final class Client {

    private final ScheduledBackend backend;
    private final Clock clock;
    private final Rest rest;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger submitted = new AtomicInteger();

    /** Hears of the engine's rests. */
    interface Rest {

        void begins(long nanos);

        /** A request arrives at the resting engine. */
        void ends(long nanos);
    }

    Client(ScheduledBackend backend, Clock clock, Rest rest) {
        this.backend = backend;
        this.clock = clock;
        this.rest = rest;
    }

    /** A request arrives, and is submitted now or soon. */
    void arrives(long nanos) {
        if (open.getAndIncrement() == 0) {
            rest.ends(nanos);
        }
    }

    /** Submits a request that has arrived. */
    void submit(PlannedRequest planned, Latencies latencies, long arrivalNanos) {
        var id = "request " + submitted.incrementAndGet();
        backend.generate(
                planned.request(id, arrivalNanos),
                event -> {
                    if (Latencies.isEnd(event) && open.decrementAndGet() == 0) {
                        rest.begins(clock.nanos());
                    }
                    latencies.on(event);
                });
    }
}
