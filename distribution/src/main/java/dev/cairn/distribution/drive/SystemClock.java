package dev.cairn.distribution.drive;

import dev.cairn.ports.system.Clock;

/** The machine's time. */
public enum SystemClock implements Clock {
    INSTANCE;

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public long epochMillis() {
        return System.currentTimeMillis();
    }
}
