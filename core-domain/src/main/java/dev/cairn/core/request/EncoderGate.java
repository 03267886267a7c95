package dev.cairn.core.request;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Lets a bounded number of requests to encoders in at a time. Threads: any. */
final class EncoderGate {

    private static final long RETRY_MILLIS = 1_000;

    private final int most;
    private final Accounts accounts;
    private final AtomicInteger inside = new AtomicInteger();

    /**
     * @param most requests at once, over all models
     */
    EncoderGate(int most, Accounts accounts) {
        this.most = most;
        this.accounts = accounts;
    }

    /**
     * Lets a request in that leaves when it is answered.
     *
     * @param tokens that are put on the account
     * @param answer makes of the encoder's result what the caller waits for
     * @return to be given to the encoder
     * @throws RequestRefused if too many are in, or the account may not
     */
    <T, R> Completion<T> enter(
            String tenant, int tokens, Function<T, R> answer, Completion<R> done) {
        if (inside.incrementAndGet() > most) {
            inside.decrementAndGet();
            throw overloaded();
        }
        try {
            accounts.admit(tenant, tokens);
        } catch (RequestRefused refused) {
            inside.decrementAndGet();
            throw refused;
        }
        return new Completion<>() {
            @Override
            public void completed(T result) {
                inside.decrementAndGet();
                done.completed(answer.apply(result));
            }

            @Override
            public void failed(Throwable failure) {
                inside.decrementAndGet();
                done.failed(failure);
            }
        };
    }

    private RequestRefused overloaded() {
        return new RequestRefused(
                new RequestProblem(
                        Category.OVERLOADED,
                        "%d requests to encoders are being computed; try again in %d ms"
                                .formatted(most, RETRY_MILLIS),
                        Optional.empty(),
                        "overloaded",
                        OptionalLong.of(RETRY_MILLIS)));
    }
}
