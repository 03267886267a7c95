package dev.cairn.transport.node;

import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.TokenEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a request hears, up to its last event. */
final class HeardEvents implements TokenListener {

    private static final long PATIENCE_SECONDS = 60;

    private final List<TokenEvent> events = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);

    @Override
    public synchronized void on(TokenEvent event) {
        if (over.getCount() == 0) {
            throw new AssertionError(event + " comes after the end");
        }
        events.add(event);
        if (event instanceof TokenEvent.Ended
                || event instanceof TokenEvent.Failed
                || event instanceof TokenEvent.Interrupted) {
            over.countDown();
        }
    }

    List<TokenEvent> await() throws InterruptedException {
        if (!over.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("no end after " + PATIENCE_SECONDS + " s: " + events);
        }
        synchronized (this) {
            return List.copyOf(events);
        }
    }

    TokenEvent last() throws InterruptedException {
        return await().getLast();
    }
}
