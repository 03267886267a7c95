package dev.cairn.engine.cpu;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one platform thread that does a runner's work, in the order in which it was posted.
 *
 * <p>Threads: {@link #post} from any thread, never waiting for work; {@link #close} waits for the
 * task that runs.
 */
final class StepThread implements AutoCloseable {

    /** A piece of work. */
    interface Task {

        /** Does it, on the runner's thread; reports its own failures. */
        void run();

        /** Told instead of {@link #run} when the runner was closed before its turn. */
        void refuse();
    }

    private static final System.Logger LOG = System.getLogger(StepThread.class.getName());

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition posted = lock.newCondition();
    private final Queue<Task> tasks = new ArrayDeque<>();
    private final Thread thread;
    private boolean closed;

    StepThread(String name) {
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::work);
        thread.start();
    }

    /**
     * Adds a task behind the others.
     *
     * @return false if the thread has been closed: the task will not be looked at
     */
    boolean post(Task task) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            tasks.add(task);
            posted.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        Task task = next();
        while (task != null) {
            try {
                task.run();
            } catch (RuntimeException | Error thrown) {
                // a completion that throws must not take the engine with it
                LOG.log(System.Logger.Level.ERROR, "a completion of the CPU runner failed", thrown);
            }
            task = next();
        }
        refuseRest();
    }

    /** Waits for the next task; null when the thread is to end. */
    private Task next() {
        lock.lock();
        try {
            while (tasks.isEmpty() && !closed) {
                posted.awaitUninterruptibly();
            }
            return closed ? null : tasks.remove();
        } finally {
            lock.unlock();
        }
    }

    private void refuseRest() {
        Task task = tasks.poll();
        while (task != null) {
            task.refuse();
            task = tasks.poll();
        }
    }

    /** Lets the running task end, refuses those that wait, and waits for that. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            posted.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive() && !thread.equals(Thread.currentThread())) {
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
