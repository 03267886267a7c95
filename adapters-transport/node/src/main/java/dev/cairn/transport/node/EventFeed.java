package dev.cairn.transport.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Events on their way from a backend's thread to the one that writes them. Putting never waits;
 * what gathers while the other side reads slowly is bounded by the request's own answers.
 *
 * <p>Threads: any may put, one takes.
 */
final class EventFeed<T> {

    private final Predicate<T> last;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<T> waiting = new ArrayList<>(4);
    private boolean over;
    private boolean gone;

    /**
     * @param last whether nothing may follow an event
     */
    EventFeed(Predicate<T> last) {
        this.last = last;
    }

    void on(T event) {
        lock.lock();
        try {
            if (over) {
                return;
            }
            over = isLast(event);
            waiting.add(event);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody reads the answer any more. */
    void gone() {
        lock.lock();
        try {
            gone = true;
            over = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for what happens next, at most {@code patience}.
     *
     * @param into gets all that waits; stays empty if nothing came in time
     * @return whether somebody still reads
     */
    boolean take(List<T> into, Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long nanos = patience.toNanos();
            while (!gone && waiting.isEmpty() && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            into.addAll(waiting);
            waiting.clear();
            return !gone;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing follows an event. */
    boolean isLast(T event) {
        return last.test(event);
    }
}
