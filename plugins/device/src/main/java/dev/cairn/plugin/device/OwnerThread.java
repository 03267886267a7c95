package dev.cairn.plugin.device;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The one platform thread that owns a device: it does what is posted, in order, and between that
 * looks whether the device has passed the marks that somebody waits for. It never waits for the
 * device, so that blocks come and go while a step runs.
 *
 * <p>Threads: {@link #post} from any thread; {@link #close} waits for the task that runs.
 */
final class OwnerThread implements AutoCloseable {

    /** A piece of work; exactly one of the methods is called. */
    interface Task {

        /** Does it, on the owner's thread; reports its own failures. */
        void run();

        /** Told instead when the thread was closed before its turn; on the closing thread or it. */
        void refuse();
    }

    private static final System.Logger LOG = System.getLogger(OwnerThread.class.getName());

    /** Between two looks at a busy device: a few kernels' time. */
    private static final long LOOK_NANOS = 20_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Task> tasks = new ArrayDeque<>();
    private final BooleanSupplier look;
    private final Runnable end;
    private final Thread thread;
    private boolean closed;

    /**
     * @param look reports what the device has done; whether it is still at work
     * @param end the last thing that the thread does
     */
    OwnerThread(String name, BooleanSupplier look, Runnable end) {
        this.look = look;
        this.end = end;
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::work);
    }

    void start() {
        thread.start();
    }

    /** Adds a task behind the others, or refuses it if the thread has been closed. */
    void post(Task task) {
        boolean taken;
        lock.lock();
        try {
            taken = !closed;
            if (taken) {
                tasks.add(task);
            }
        } finally {
            lock.unlock();
        }
        if (taken) {
            LockSupport.unpark(thread);
        } else {
            task.refuse();
        }
    }

    private void work() {
        boolean busy = false;
        while (true) {
            Task task = next(busy);
            if (task == null && isClosed()) {
                break;
            }
            if (task != null) {
                guarded(task::run);
            }
            busy = looks();
        }
        for (Task task = poll(); task != null; task = poll()) {
            guarded(task::refuse);
        }
        guarded(end);
    }

    private boolean looks() {
        try {
            return look.getAsBoolean();
        } catch (RuntimeException | Error thrown) {
            LOG.log(System.Logger.Level.ERROR, "a completion of a device's runner failed", thrown);
            return true;
        }
    }

    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error thrown) {
            // a completion that throws must not take the engine with it
            LOG.log(System.Logger.Level.ERROR, "a completion of a device's runner failed", thrown);
        }
    }

    /**
     * The next task; null when it is time to look at the device, or the thread is to end. It is
     * parked without a condition, which would leave garbage behind for each look.
     */
    private Task next(boolean busy) {
        Task task = isClosed() ? null : poll();
        while (task == null && !isClosed()) {
            if (busy) {
                LockSupport.parkNanos(this, LOOK_NANOS);
            } else {
                LockSupport.park(this);
            }
            // nobody interrupts this thread to any purpose: it ends by close()
            Thread.interrupted();
            task = isClosed() ? null : poll();
            if (busy) {
                break;
            }
        }
        return task;
    }

    private Task poll() {
        lock.lock();
        try {
            return tasks.poll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the running task end, refuses those that wait, and waits for that. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive() && !Thread.currentThread().equals(thread)) {
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
