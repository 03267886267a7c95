package dev.cairn.transport.kv;

import dev.cairn.ports.system.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Transports for tests: on loopback, with small memory and short times. */
final class TestTransports {

    /** Long enough for a machine that is busy with other tests. */
    static final Duration TIMEOUT = Duration.ofSeconds(4);

    static final Clock CLOCK = new SystemClock();

    private TestTransports() {}

    static KvOptions options(boolean sharedMemory) {
        return patient(sharedMemory, TIMEOUT, TIMEOUT.multipliedBy(4));
    }

    /** Options of somebody who waits no longer than that. */
    static KvOptions patient(boolean sharedMemory, Duration timeout, Duration stall) {
        return patient(sharedMemory, timeout, stall, Duration.ofMinutes(1));
    }

    static KvOptions patient(
            boolean sharedMemory, Duration timeout, Duration stall, Duration lease) {
        return new KvOptions(
                "127.0.0.1",
                0,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                sharedMemory ? 1 << 18 : 0,
                new KvOptions.Limits(1 << 20, 1, 16, 4096, 16),
                new KvOptions.Times(timeout, stall, lease, TIMEOUT));
    }

    static KvTransport open(KvOptions options) {
        return open(options, CLOCK);
    }

    static KvTransport open(KvOptions options, Clock clock) {
        try {
            return new KvTransport(options, clock, ThreadLocalRandom.current()::nextLong);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class SystemClock implements Clock {

        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long epochMillis() {
            return System.currentTimeMillis();
        }
    }
}
