package dev.cairn.distribution.bench.latency;

import java.util.concurrent.locks.LockSupport;

/** Lets time pass while others work. */
final class Pause {

    private Pause() {}

    static void millis(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
