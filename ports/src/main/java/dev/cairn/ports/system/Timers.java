package dev.cairn.ports.system;

/**
 * Calls back at a time of {@link Clock#nanos}. Threads: any; the callback comes on the driver's
 * thread and must not wait.
 */
public interface Timers {

    /**
     * @param atNanos when, on the clock's scale; a time in the past is due at once
     * @return cancels the timer if it has not fired; cancelling twice does nothing
     */
    Cancellation schedule(long atNanos, Runnable due);

    /** Withdraws something that was asked for. */
    interface Cancellation {

        void cancel();
    }
}
