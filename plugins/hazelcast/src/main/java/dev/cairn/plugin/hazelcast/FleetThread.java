package dev.cairn.plugin.hazelcast;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The thread of {@link FleetState}: work as it comes, and a tick in fixed intervals. What does not
 * fit into its queue is dropped, as if it had been lost on the way.
 */
final class FleetThread implements Executor, AutoCloseable {

    private static final Logger LOGGER = System.getLogger(FleetThread.class.getName());
    private static final int QUEUE = 16_384;

    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>(QUEUE);
    private final Thread thread;
    private final long intervalNanos;
    private volatile Runnable tick;
    private volatile boolean closed;

    FleetThread(long intervalNanos) {
        this.intervalNanos = intervalNanos;
        thread = Thread.ofPlatform().name("cairn-fleet").daemon().unstarted(this::run);
    }

    void start(Runnable everyInterval) {
        tick = everyInterval;
        thread.start();
    }

    @Override
    public void execute(Runnable work) {
        if (!queue.offer(work)) {
            LOGGER.log(Level.DEBUG, "too much to do: something from a member was dropped");
        }
    }

    private void run() {
        long next = System.nanoTime();
        while (!closed) {
            try {
                Runnable work = queue.poll(next - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (work != null) {
                    work.run();
                }
                if (System.nanoTime() - next >= 0) {
                    next = System.nanoTime() + intervalNanos;
                    tick.run();
                }
            } catch (MalformedMessage unusable) {
                LOGGER.log(Level.WARNING, "dropped what a member sent: " + unusable.getMessage());
            } catch (InterruptedException closing) {
                return;
            } catch (RuntimeException failed) {
                LOGGER.log(Level.WARNING, "the fleet's thread goes on after a failure", failed);
            }
        }
    }

    /** Ends the thread; what waits is left undone. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
