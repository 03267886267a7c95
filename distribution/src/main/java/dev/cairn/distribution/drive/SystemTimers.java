package dev.cairn.distribution.drive;

import dev.cairn.ports.system.Timers;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Timers on one daemon thread, which a callback must not hold up. */
public final class SystemTimers implements Timers, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(SystemTimers.class.getName());

    private final ScheduledThreadPoolExecutor executor;

    public SystemTimers() {
        executor =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("cairn-timers").factory());
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Cancellation schedule(long atNanos, Runnable due) {
        long delay = Math.max(0, atNanos - System.nanoTime());
        ScheduledFuture<?> future = executor.schedule(() -> run(due), delay, TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    /** An executor swallows what its tasks throw. */
    private static void run(Runnable due) {
        try {
            due.run();
        } catch (RuntimeException | Error failure) {
            LOG.log(System.Logger.Level.ERROR, "a timer's callback failed", failure);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
