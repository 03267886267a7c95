package dev.cairn.distribution.wiring;

import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/**
 * Waits for SIGTERM or SIGINT, so that the program can drain and end with status 0: with the JVM's
 * own handling the status of a program that drained would be that of a killed process.
 */
public final class StopSignal {

    private static final int KILLED_BY_INTERRUPT = 130;
    private static final int KILLED_BY_TERMINATION = 143;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean serving;

    private StopSignal() {}

    /**
     * Catches the signals from now on. Until {@link #serving} is called there is nothing to drain,
     * and they end the process at once: a large model takes minutes to load, and whatever is open
     * survives worse. Then Ctrl-C a second time ends the process at once: somebody sits there and
     * will not wait. SIGTERM a second time says nothing new.
     */
    public static StopSignal install() {
        StopSignal stop = new StopSignal();
        handle("TERM", stop::terminated);
        handle("INT", stop::interrupted);
        return stop;
    }

    /** From now on requests may run, which a signal lets end. */
    public void serving() {
        serving = true;
    }

    private void terminated() {
        if (!serving) {
            Runtime.getRuntime().halt(KILLED_BY_TERMINATION);
        }
        stopped.countDown();
    }

    private static void handle(String name, Runnable caught) {
        try {
            Signal.handle(new Signal(name), signal -> caught.run());
        } catch (IllegalArgumentException notOnThisSystem) {
            // Then the JVM ends as it would without us.
        }
    }

    private void interrupted() {
        if (!serving || stopped.getCount() == 0) {
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
