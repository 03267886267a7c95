package dev.cairn.core.testing;

import dev.cairn.core.mailbox.EventHandler;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Timers;
import java.util.PriorityQueue;

/**
 * Runs machines in virtual time on the caller's thread: time jumps from event to event, those of
 * one instant come in the order of their posting.
 */
public final class VirtualDriver implements MailboxDriver, Clock, Timers {

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private long now;
    private long posted;

    @Override
    public <E> Mailbox<E> open(String name, EventHandler<E> handler) {
        return new Mailbox<>() {
            private boolean closed;

            @Override
            public void post(E event) {
                if (!closed) {
                    schedule(now, () -> handler.on(event, now));
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
        Due entry = new Due(Math.max(now, atNanos), posted++, due);
        queue.add(entry);
        return () -> queue.remove(entry);
    }

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public long epochMillis() {
        return 1_700_000_000_000L + now / 1_000_000;
    }

    /** Runs the next event. */
    public boolean runOne() {
        Due due = queue.poll();
        if (due == null) {
            return false;
        }
        now = due.atNanos;
        due.run.run();
        return true;
    }

    /** Runs until nothing is left to happen. */
    public void runUntilIdle() {
        long events = 0;
        while (runOne()) {
            if (++events > 10_000_000) {
                throw new AssertionError("the machines never come to rest");
            }
        }
    }

    private record Due(long atNanos, long order, Runnable run) implements Comparable<Due> {

        @Override
        public int compareTo(Due other) {
            return atNanos != other.atNanos
                    ? Long.compare(atNanos, other.atNanos)
                    : Long.compare(order, other.order);
        }
    }
}
