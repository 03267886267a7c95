package dev.cairn.engine.cpu;

import dev.cairn.ports.system.Completion;
import java.util.function.Supplier;

/** Work beside or between steps, with its result. */
record ThreadWork<T>(Supplier<T> work, Completion<T> done) implements StepThread.Task {

    /** Work that gives nothing but its success or failure. */
    static ThreadWork<Void> of(Runnable work, Completion<Void> done) {
        return new ThreadWork<>(
                () -> {
                    work.run();
                    return null;
                },
                done);
    }

    @Override
    public void run() {
        T result = null;
        Throwable failure = null;
        try {
            result = work.get();
        } catch (RuntimeException | Error thrown) {
            failure = thrown;
        }
        if (failure == null) {
            done.completed(result);
        } else {
            done.failed(failure);
        }
    }

    @Override
    public void refuse() {
        done.failed(CpuModelRunner.closedFailure());
    }
}
