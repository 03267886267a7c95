package dev.cairn.storage.slots;

import java.util.ArrayList;
import java.util.List;

/**
 * A bounded queue of blocks and the threads that work on them. What does not fit is not taken; the
 * caller never waits. Makes no objects once it runs.
 *
 * <p>Threads: any may {@link #offer}; the work is done on the queue's own.
 *
 * @param <B> a block's request
 * @param <O> who hears the outcomes
 */
final class WorkQueue<B, O> implements AutoCloseable {

    /** Does the work on {@code blocks[from .. to)}; throws nothing. */
    interface Work<B, O> {

        void run(Worker worker, List<B> blocks, int from, int to, O outcomes);
    }

    private final Object lock = new Object();
    private final List<List<B>> lists;
    private final int[] from;
    private final int[] to;
    private final List<O> outcomes;
    private final int limit;
    private final int share;
    private final List<Thread> threads = new ArrayList<>();
    private int first;
    private int calls;
    private int blocks;
    private boolean closed;

    /**
     * @param limit blocks that wait or are being worked on, at least 1
     * @param share of a call that one thread takes at once, so that others help with long ones
     */
    WorkQueue(String name, int limit, int share, int threads, Work<B, O> work) {
        this.limit = limit;
        this.share = share;
        this.lists = new ArrayList<>(limit);
        this.outcomes = new ArrayList<>(limit);
        this.from = new int[limit];
        this.to = new int[limit];
        for (int i = 0; i < limit; i++) {
            lists.add(null);
            outcomes.add(null);
        }
        for (int i = 0; i < threads; i++) {
            int number = i;
            this.threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name(name + "-" + i)
                            .unstarted(() -> run(new Worker(number), work)));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    int queued() {
        synchronized (lock) {
            return blocks;
        }
    }

    /**
     * @return how many blocks of the list were taken, from its beginning
     */
    int offer(List<B> list, O hears) {
        synchronized (lock) {
            int taken = closed ? 0 : Math.min(list.size(), limit - blocks);
            if (taken > 0) {
                int at = (first + calls) % limit;
                lists.set(at, list);
                outcomes.set(at, hears);
                from[at] = 0;
                to[at] = taken;
                calls++;
                blocks += taken;
                lock.notify();
            }
            return taken;
        }
    }

    private void run(Worker worker, Work<B, O> work) {
        while (true) {
            List<B> list;
            O hears;
            int begin;
            int end;
            synchronized (lock) {
                while (calls == 0 && !closed) {
                    await();
                }
                if (calls == 0) {
                    return;
                }
                list = lists.get(first);
                hears = outcomes.get(first);
                begin = from[first];
                end = Math.min(to[first], begin + share);
                advanceTo(end);
            }
            try {
                work.run(worker, list, begin, end, hears);
            } finally {
                synchronized (lock) {
                    blocks -= end - begin;
                }
            }
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

    private void advanceTo(int end) {
        from[first] = end;
        if (end == to[first]) {
            lists.set(first, null);
            outcomes.set(first, null);
            first = (first + 1) % limit;
            calls--;
        }
        if (calls > 0) {
            lock.notify();
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
