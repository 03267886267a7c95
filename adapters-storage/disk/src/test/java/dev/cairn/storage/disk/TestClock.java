package dev.cairn.storage.disk;

import dev.cairn.ports.system.Clock;

/** The machine's time, and a jump that a test asks for. */
final class TestClock implements Clock {

    private long jumpedMillis;

    void jump(long millis) {
        jumpedMillis += millis;
    }

    @Override
    public long nanos() {
        return System.nanoTime() + jumpedMillis * 1_000_000;
    }

    @Override
    public long epochMillis() {
        return System.currentTimeMillis() + jumpedMillis;
    }
}
