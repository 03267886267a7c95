package dev.cairn.transport.http;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The requests that are being answered, so that a server can stop without cutting them. */
final class LiveRequests {

    /** A request that can be ended before its time. */
    interface Live {

        /** Ends it with an error to its client; returns at once. */
        void stop(RequestProblem problem);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private final Set<Live> live = new HashSet<>();
    private boolean draining;

    /**
     * @throws RequestRefused while draining
     */
    void enter(Live request) {
        lock.lock();
        try {
            if (draining) {
                throw new RequestRefused(Problems.draining());
            }
            live.add(request);
        } finally {
            lock.unlock();
        }
    }

    void leave(Live request) {
        lock.lock();
        try {
            live.remove(request);
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean draining() {
        lock.lock();
        try {
            return draining;
        } finally {
            lock.unlock();
        }
    }

    int count() {
        lock.lock();
        try {
            return live.size();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new requests from now on. */
    void drain() {
        lock.lock();
        try {
            draining = true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until none is left, at most {@code patience}; whether none is left. */
    boolean awaitNone(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (!live.isEmpty()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = left.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    void stopAll(RequestProblem problem) {
        List<Live> all;
        lock.lock();
        try {
            all = List.copyOf(live);
        } finally {
            lock.unlock();
        }
        all.forEach(request -> request.stop(problem));
    }
}
