package dev.cairn.storage.slots;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A bounded queue of blocks and the threads that work on them. What does not fit is not taken; the
 * caller never waits. A thread takes as many as its share allows, of several calls if they are
 * small. Makes no objects once it runs.
 *
 * <p>Threads: any may {@link #offer}; the work is done on the queue's own.
 *
 * @param <B> a block's request
 * @param <O> who hears the outcomes
 */
final class WorkQueue<B, O> implements AutoCloseable {

    /** Does the work on a batch; throws nothing. */
    interface Work<B, O> {

        void run(Worker worker, Batch<B, O> batch);
    }

    private final Object lock = new Object();
    private final Share share;
    private final ToLongFunction<B> bytes;
    private final Object[] waiting;
    private final Object[] listeners;
    private final int[] indices;
    private final List<Thread> threads = new ArrayList<>();
    private int first;
    private int count;
    private int running;
    private boolean closed;

    /**
     * @param limit blocks that wait or are being worked on, at least 1
     * @param share what one thread takes at once
     * @param bytes of a block
     */
    WorkQueue(
            String name,
            int limit,
            Share share,
            int threads,
            ToLongFunction<B> bytes,
            Work<B, O> work) {
        this.share = share;
        this.bytes = bytes;
        this.waiting = new Object[limit];
        this.listeners = new Object[limit];
        this.indices = new int[limit];
        for (int i = 0; i < threads; i++) {
            int number = i;
            this.threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name(name + "-" + i)
                            .unstarted(() -> run(new Worker(number, share.blocks()), work)));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    int queued() {
        synchronized (lock) {
            return count + running;
        }
    }

    /**
     * @return how many blocks of the list were taken, from its beginning
     */
    int offer(List<B> list, O listener) {
        synchronized (lock) {
            int room = waiting.length - count - running;
            int taken = closed ? 0 : Math.min(list.size(), room);
            for (int i = 0; i < taken; i++) {
                int at = (first + count) % waiting.length;
                waiting[at] = list.get(i);
                listeners[at] = listener;
                indices[at] = i;
                count++;
            }
            if (taken > 0) {
                lock.notify();
            }
            return taken;
        }
    }

    private void run(Worker worker, Work<B, O> work) {
        Batch<B, O> batch = new Batch<>(share.blocks());
        while (take(batch)) {
            try {
                work.run(worker, batch);
            } finally {
                synchronized (lock) {
                    running -= batch.size();
                }
                batch.clear();
            }
        }
    }

    /** Waits for work; false if there is none and never will be. */
    private boolean take(Batch<B, O> batch) {
        synchronized (lock) {
            while (count == 0 && !closed) {
                await();
            }
            long taken = 0;
            while (count > 0 && batch.size() < share.blocks()) {
                @SuppressWarnings("unchecked") // Only offer puts them there.
                B block = (B) waiting[first];
                taken += bytes.applyAsLong(block);
                if (batch.size() > 0 && taken > share.bytes()) {
                    break;
                }
                @SuppressWarnings("unchecked")
                O listener = (O) listeners[first];
                batch.add(block, listener, indices[first]);
                waiting[first] = null;
                listeners[first] = null;
                first = (first + 1) % waiting.length;
                count--;
                running++;
            }
            if (count > 0) {
                lock.notify();
            }
            return batch.size() > 0;
        }
    }

    private void await() {
        try {
            lock.wait();
        } catch (InterruptedException _) {
            // Nobody interrupts these threads; closing is how they end.
            Thread.interrupted();
        }
    }

    /** Ends when everything that was taken is done. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        for (Thread thread : threads) {
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
