package dev.cairn.plugin.device;

import dev.cairn.ports.system.Completion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Work for a device's owner, with its result.
 *
 * @param <T> what it gives
 */
record OwnerWork<T>(Supplier<T> work, Completion<T> done) implements OwnerThread.Task {

    /** Work that gives nothing but its success or failure. */
    static OwnerWork<Void> of(Runnable work, Completion<Void> done) {
        return new OwnerWork<>(
                () -> {
                    work.run();
                    return null;
                },
                done);
    }

    /** Lets the owner do something and waits for it; throws its failure. */
    static <T> T await(OwnerThread thread, Supplier<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        thread.post(
                new OwnerWork<>(
                        work,
                        new Completion<>() {
                            @Override
                            public void completed(T result) {
                                future.complete(result);
                            }

                            @Override
                            public void failed(Throwable failure) {
                                future.completeExceptionally(failure);
                            }
                        }));
        try {
            return future.join();
        } catch (CompletionException failure) {
            switch (failure.getCause()) {
                case RuntimeException own -> throw own;
                case Error own -> throw own;
                case null, default -> throw failure;
            }
        }
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
        done.failed(DeviceRunner.closedFailure());
    }
}
