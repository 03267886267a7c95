package dev.cairn.distribution.wiring;

import dev.cairn.ports.system.Completion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Waits for completions on threads that have nothing else to do. */
final class Waiting {

    /** Who does not answer by then never will. */
    private static final long MOST_SECONDS = 600;

    private Waiting() {}

    /**
     * @throws IllegalStateException if it failed, or took too long
     */
    static <T> T forAnswer(Consumer<Completion<T>> start) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        start.accept(
                new Completion<>() {
                    @Override
                    public void completed(T result) {
                        answer.complete(result);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }
                });
        try {
            return answer.get(MOST_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause().getMessage(), failed.getCause());
        } catch (TimeoutException late) {
            throw new IllegalStateException("no answer in " + MOST_SECONDS + " s", late);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", stopped);
        }
    }
}
