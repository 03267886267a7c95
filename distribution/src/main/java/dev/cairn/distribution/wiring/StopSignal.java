package dev.cairn.distribution.wiring;

import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/**
 * Waits for SIGTERM or SIGINT, so that the program can drain and end with status 0: with the JVM's
 * own handling the status would be that of a killed process.
 */
public final class StopSignal {

    private static final int KILLED_BY_INTERRUPT = 130;

    private final CountDownLatch stopped = new CountDownLatch(1);

    private StopSignal() {}

    /** Catches the signals from now on; the second one ends the process at once. */
    public static StopSignal install() {
        StopSignal stop = new StopSignal();
        for (String name : new String[] {"TERM", "INT"}) {
            try {
                Signal.handle(new Signal(name), signal -> stop.caught());
            } catch (IllegalArgumentException notOnThisSystem) {
                // Then the JVM ends as it would without us.
            }
        }
        return stop;
    }

    private void caught() {
        if (stopped.getCount() == 0) {
            Runtime.getRuntime().halt(KILLED_BY_INTERRUPT);
        }
        stopped.countDown();
    }

    /** Returns when a signal has come. */
    public void await() {
        try {
            stopped.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
