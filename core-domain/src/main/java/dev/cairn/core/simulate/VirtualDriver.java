package dev.cairn.core.simulate;

import dev.cairn.core.mailbox.EventHandler;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.ports.system.Timers;
import java.util.PriorityQueue;

/**
 * Runs machines in virtual time on the caller's thread: time jumps from event to event, those of
 * one instant come in the order of their posting. A turn takes no time; what takes time sets a
 * timer.
 *
 * <p>The same machines, events and seed give the same run, event for event: {@link #digest} tells
 * two runs apart. Unlike the driver of threads, a turn that throws ends the run: what follows a bug
 * is no result.
 *
 * <p>Threads: one, for everything that runs in it.
 */
public final class VirtualDriver implements MailboxDriver, Clock, Timers {

    /** Virtual runs begin at this moment: 2023-11-14T22:13:20Z. */
    private static final long EPOCH_MILLIS = 1_700_000_000_000L;

    private static final long MOST_EVENTS = 1L << 40;

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private final long seed;
    private long now;
    private long posted;
    private long handled;
    private long digest;
    private int mailboxes;

    /** A run with seed 0. */
    public VirtualDriver() {
        this(0);
    }

    /**
     * @param seed of {@link #random}
     */
    public VirtualDriver(long seed) {
        this.seed = seed;
    }

    @Override
    public <E> Mailbox<E> open(String name, EventHandler<E> handler) {
        int index = ++mailboxes;
        return new Mailbox<>() {
            private boolean closed;

            @Override
            public void post(E event) {
                if (!closed) {
                    long kind = index + 31L * event.getClass().getName().hashCode();
                    add(now, kind, () -> handler.on(event, now));
                }
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    @Override
    public Cancellation schedule(long atNanos, Runnable due) {
        Due entry = add(Math.max(now, atNanos), 0, due);
        // It stays in the queue until its time: taking it out would search the whole queue.
        return () -> entry.run = null;
    }

    private Due add(long atNanos, long kind, Runnable run) {
        Due entry = new Due(atNanos, posted++, kind, run);
        queue.add(entry);
        return entry;
    }

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public long epochMillis() {
        return EPOCH_MILLIS + now / 1_000_000;
    }

    /**
     * Randomness of this run: a sequence of its own for every name, so that one part's draws do not
     * shift another's.
     */
    public SeededRandom random(String name) {
        return new SeededRandom(RandomSource.mix(seed) ^ name.hashCode());
    }

    /** Events handled so far; timers that were cancelled do not count. */
    public long handled() {
        return handled;
    }

    /** Hash of what was handled so far: when, by which mailbox, of which kind, in which order. */
    public long digest() {
        return digest;
    }

    /**
     * Runs the next event.
     *
     * @return whether there was one
     */
    public boolean runOne() {
        Due due = queue.poll();
        while (due != null && due.run == null) {
            due = queue.poll();
        }
        if (due == null) {
            return false;
        }
        now = due.atNanos;
        handled++;
        digest = RandomSource.mix(digest ^ RandomSource.mix(now + due.kind));
        Runnable run = due.run;
        due.run = null;
        run.run();
        return true;
    }

    /** Runs until nothing is left to happen. */
    public void runUntilIdle() {
        runUntilIdle(MOST_EVENTS);
    }

    /**
     * Runs until nothing is left to happen.
     *
     * @throws IllegalStateException if more than {@code mostEvents} come: the machines never rest
     */
    public void runUntilIdle(long mostEvents) {
        long last = handled + mostEvents;
        while (runOne()) {
            if (handled > last) {
                throw new IllegalStateException(
                        "the machines have not come to rest after " + mostEvents + " events");
            }
        }
    }

    /** Runs what is due until then, and ends at that time. */
    public void runUntil(long nanos) {
        while (!queue.isEmpty() && queue.peek().atNanos <= nanos) {
            if (queue.peek().run == null) {
                queue.poll();
            } else {
                runOne();
            }
        }
        now = Math.max(now, nanos);
    }

    private static final class Due implements Comparable<Due> {

        private final long atNanos;
        private final long order;
        private final long kind;

        /** Null once it has run or was cancelled. */
        private Runnable run;

        private Due(long atNanos, long order, long kind, Runnable run) {
            this.atNanos = atNanos;
            this.order = order;
            this.kind = kind;
            this.run = run;
        }

        @Override
        public int compareTo(Due other) {
            return atNanos != other.atNanos
                    ? Long.compare(atNanos, other.atNanos)
                    : Long.compare(order, other.order);
        }
    }
}
