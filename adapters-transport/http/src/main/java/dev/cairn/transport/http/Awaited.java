package dev.cairn.transport.http;

import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import io.helidon.webserver.CloseConnectionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** What a request's own thread waits for, so that the end of the server does not. */
final class Awaited {

    private Awaited() {}

    /**
     * Begins something and waits for its end, or the server's.
     *
     * @throws RequestRefused if it failed so
     */
    static <T> T get(LiveRequests live, Consumer<Completion<T>> begin) {
        var ended = new CompletableFuture<T>();
        LiveRequests.Live request =
                problem -> ended.completeExceptionally(new RequestRefused(problem));
        live.enter(request);
        try {
            begin.accept(handOn(ended));
            return ended.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RequestRefused refused
                    ? refused
                    : new IllegalStateException("what was asked for failed", failed.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("the server stops", stopped);
        } finally {
            live.leave(request);
        }
    }

    private static <T> Completion<T> handOn(CompletableFuture<T> ended) {
        return new Completion<>() {
            @Override
            public void completed(T result) {
                ended.complete(result);
            }

            @Override
            public void failed(Throwable failure) {
                ended.completeExceptionally(failure);
            }
        };
    }
}
