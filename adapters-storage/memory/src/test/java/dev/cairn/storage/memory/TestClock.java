package dev.cairn.storage.memory;

import dev.cairn.ports.system.Clock;

/** Time that passes when a test says so. */
final class TestClock implements Clock {

    private long millis = 1_000_000;

    void advance(long byMillis) {
        millis += byMillis;
    }

    @Override
    public long nanos() {
        return millis * 1_000_000;
    }

    @Override
    public long epochMillis() {
        return millis;
    }
}
