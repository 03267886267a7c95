package dev.cairn.engine.cpu;

import dev.cairn.ports.engine.SleepPort;
import dev.cairn.ports.system.Completion;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The machine of a runner while it is awake, and nothing while it sleeps.
 *
 * <p>Threads: {@link #sleep} and {@link #wake} from the mailbox, done on the runner's thread
 * between steps; {@link #machine} on the runner's thread, elsewhere within {@link #whileAwake};
 * {@link #close} after all that has ended.
 */
final class RunnerMemory implements SleepPort, AutoCloseable {

    private final Supplier<RunnerMachine> assembly;
    private final Runnable unload;
    private final StepThread thread;
    private final ReadWriteLock swapping = new ReentrantReadWriteLock();
    private volatile RunnerMachine machine;

    /**
     * @param assembly makes the machine, from the model's weights, each time alike
     * @param unload gives back what reading the weights has left in memory
     */
    RunnerMemory(Supplier<RunnerMachine> assembly, Runnable unload, StepThread thread) {
        this.assembly = assembly;
        this.unload = unload;
        this.thread = thread;
        this.machine = assembly.get();
    }

    /**
     * @throws IllegalStateException while the runner sleeps
     */
    RunnerMachine machine() {
        if (machine == null) {
            throw new IllegalStateException("the runner sleeps; wake it first");
        }
        return machine;
    }

    @Override
    public void sleep(Completion<Void> done) {
        post(this::giveBack, done);
    }

    @Override
    public void wake(Completion<Void> done) {
        post(this::restore, done);
    }

    /** Does what needs the machine beside the runner's thread: meanwhile it is not given back. */
    <T> T whileAwake(Supplier<T> work) {
        swapping.readLock().lock();
        try {
            return work.get();
        } finally {
            swapping.readLock().unlock();
        }
    }

    private void giveBack() {
        if (machine != null) {
            RunnerMachine old = machine;
            swapping.writeLock().lock();
            machine = null;
            swapping.writeLock().unlock();
            old.close();
            unload.run();
            FreedMemory.giveBack();
        }
    }

    private void restore() {
        if (machine == null) {
            machine = assembly.get();
        }
    }

    private void post(Runnable work, Completion<Void> done) {
        ThreadWork<Void> task = ThreadWork.of(work, done);
        if (!thread.post(task)) {
            task.refuse();
        }
    }

    /**
     * Who copies beside the runner's thread ends first, or finds that nothing is there any more.
     */
    @Override
    public void close() {
        swapping.writeLock().lock();
        RunnerMachine old = machine;
        machine = null;
        swapping.writeLock().unlock();
        if (old != null) {
            old.close();
        }
    }
}
