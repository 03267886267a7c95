package dev.cairn.engine.cpu;

import dev.cairn.ports.system.Completion;

/** Work between steps that gives nothing but its success or failure. */
record ThreadWork(Runnable work, Completion<Void> done) implements StepThread.Task {

    @Override
    public void run() {
        Throwable failure = null;
        try {
            work.run();
        } catch (RuntimeException | Error thrown) {
            failure = thrown;
        }
        if (failure == null) {
            done.completed(null);
        } else {
            done.failed(failure);
        }
    }

    @Override
    public void refuse() {
        done.failed(CpuModelRunner.closedFailure());
    }
}
