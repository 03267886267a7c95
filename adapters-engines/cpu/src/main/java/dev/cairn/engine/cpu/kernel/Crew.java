package dev.cairn.engine.cpu.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed crew of platform threads that computes the parts of one job at a time, the caller being
 * one of them.
 *
 * <p>Parts are claimed one by one, so a thread that the operating system holds up delays a job by
 * one part at most. Waiting threads spin for a bounded time, because the next job of a step is
 * microseconds away, and then park. A call allocates nothing.
 *
 * <p>Threads: {@link #run} is called by one thread at a time and not from within a part.
 */
public final class Crew implements AutoCloseable {

    /** One job's parts. */
    @FunctionalInterface
    public interface Parts {
        /**
         * Computes one part, on any of the crew's threads, at the same time as others.
         *
         * @param part from 0
         */
        void run(int part);
    }

    /**
     * Long enough for the serial work between two jobs, short enough to cost an idle server
     * nothing.
     */
    public static final long DEFAULT_SPIN_NANOS = 50_000;

    private static final long REMAINING = 0xffffffffL;

    private final Worker[] workers;
    private final long spinNanos;

    /**
     * Number of the job in the upper half, parts nobody has claimed in the lower: a claim of a past
     * job always fails.
     */
    private final AtomicLong claims = new AtomicLong();

    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile int job;
    private volatile boolean closed;
    private volatile Thread waiting;
    private volatile Throwable failure;
    private Parts parts;
    private int count;

    /**
     * Starts {@code size - 1} daemon threads.
     *
     * @param size threads that compute, the caller included; at least 1
     * @param spinNanos how long a thread spins before it parks, in nanoseconds
     */
    public Crew(int size, long spinNanos) {
        if (size < 1 || spinNanos < 0) {
            throw new IllegalArgumentException(
                    "no crew of " + size + " threads, " + spinNanos + " ns of spinning");
        }
        this.spinNanos = spinNanos;
        workers = new Worker[size - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /** Threads that compute, the caller included. */
    public int size() {
        return workers.length + 1;
    }

    /**
     * Computes all parts and returns when the last one is done.
     *
     * @param count parts; 0 does nothing
     * @param parts what a part computes
     * @throws RuntimeException the first one that a part threw, after all parts have ended
     */
    public void run(int count, Parts parts) {
        if (closed) {
            throw new IllegalStateException("the crew is closed");
        }
        if (count <= 1 || workers.length == 0) {
            for (int part = 0; part < count; part++) {
                parts.run(part);
            }
            return;
        }
        this.parts = parts;
        this.count = count;
        failure = null;
        unfinished.set(count);
        int number = job + 1;
        claims.set((long) number << 32 | count);
        job = number;
        wake(Math.min(count - 1, workers.length));
        work(number);
        awaitOthers();
        this.parts = null;
        rethrow();
    }

    private void wake(int wanted) {
        for (int i = 0; i < wanted; i++) {
            if (workers[i].parked) {
                LockSupport.unpark(workers[i]);
            }
        }
    }

    /** Claims and computes parts of a job until none is left. */
    private void work(int number) {
        Parts todo = parts;
        int all = count;
        while (true) {
            long seen = claims.get();
            int left = (int) (seen & REMAINING);
            if ((int) (seen >>> 32) != number || left == 0) {
                return;
            }
            // Only a claim of the running job succeeds, and while it has unclaimed parts its fields
            // stay as they were read.
            if (claims.compareAndSet(seen, seen - 1)) {
                compute(todo, all - left);
            }
        }
    }

    @SuppressWarnings("PMD.AvoidCatchingThrowable")
    private void compute(Parts todo, int part) {
        try {
            todo.run(part);
        } catch (Throwable thrown) {
            failure = thrown;
        } finally {
            if (unfinished.decrementAndGet() == 0) {
                Thread caller = waiting;
                if (caller != null) {
                    LockSupport.unpark(caller);
                }
            }
        }
    }

    private void awaitOthers() {
        long start = System.nanoTime();
        while (unfinished.get() != 0) {
            if (System.nanoTime() - start < spinNanos) {
                Thread.onSpinWait();
                continue;
            }
            waiting = Thread.currentThread();
            if (unfinished.get() != 0) {
                LockSupport.park(this);
            }
            waiting = null;
        }
    }

    private void rethrow() {
        switch (failure) {
            case null -> {}
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            case Throwable other -> throw new IllegalStateException(other);
        }
    }

    /** Ends the threads; a job that runs is finished first. */
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Worker extends Thread {

        private volatile boolean parked;

        Worker(int number) {
            super("cairn-kernel-" + number);
            setDaemon(true);
        }

        @Override
        public void run() {
            int last = 0;
            while (!closed) {
                int next = awaitJobAfter(last);
                if (next != last) {
                    work(next);
                    last = next;
                }
            }
        }

        private int awaitJobAfter(int last) {
            long start = System.nanoTime();
            while (job == last && !closed) {
                if (System.nanoTime() - start < spinNanos) {
                    Thread.onSpinWait();
                    continue;
                }
                parked = true;
                if (job == last && !closed) {
                    LockSupport.park(Crew.this);
                }
                parked = false;
            }
            return job;
        }
    }
}
