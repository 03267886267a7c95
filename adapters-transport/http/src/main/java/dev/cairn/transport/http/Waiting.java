package dev.cairn.transport.http;

import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import io.helidon.webserver.CloseConnectionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** A request's own thread waits for an answer that comes whole. */
final class Waiting {

    private Waiting() {}

    /**
     * @param what is waited for, in words
     * @param start what completes the answer, or refuses
     * @throws RequestRefused if the answer is a refusal, or the server ends before it comes
     */
    static <T> T answer(LiveRequests live, String what, Consumer<Completion<T>> start) {
        var done = new CompletableFuture<T>();
        LiveRequests.Live request =
                problem -> done.completeExceptionally(new RequestRefused(problem));
        live.enter(request);
        try {
            start.accept(handOn(done));
            return done.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RequestRefused refused
                    ? refused
                    : new IllegalStateException(what + " failed", failed.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("the server stops", stopped);
        } finally {
            live.leave(request);
        }
    }

    private static <T> Completion<T> handOn(CompletableFuture<T> done) {
        return new Completion<>() {
            @Override
            public void completed(T result) {
                done.complete(result);
            }

            @Override
            public void failed(Throwable failure) {
                done.completeExceptionally(failure);
            }
        };
    }
}
