package dev.cairn.transport.events;

import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.cache.KvHoldings;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

/** Writes down what a subscription says, so that a test can wait for it. */
final class HeardWorker implements KvEventChannel.Listener {

    /** Long enough for the busiest machine; reached only by a test that fails. */
    private static final long PATIENCE_SECONDS = 60;

    private final BlockingDeque<Object> heard = new LinkedBlockingDeque<>();

    record Connected() {}

    record Again(KvEventBatch batch) {}

    record AgainEnded() {}

    record Lost() {}

    @Override
    public void connected() {
        heard.add(new Connected());
    }

    @Override
    public void batch(KvEventBatch batch) {
        heard.add(batch);
    }

    @Override
    public void replayed(KvEventBatch batch) {
        heard.add(new Again(batch));
    }

    @Override
    public void replayEnded() {
        heard.add(new AgainEnded());
    }

    @Override
    public void digests(KvHoldings.Digests digests) {
        heard.add(digests);
    }

    @Override
    public void keys(KvHoldings.Keys keys) {
        heard.add(keys);
    }

    @Override
    public void lost(String reason) {
        heard.add(new Lost());
    }

    /** Whether something of a kind is next; what is not is dropped. Waits for a moment only. */
    boolean hasHeard(Class<?> kind) throws InterruptedException {
        while (heard.peek() != null && !kind.isInstance(heard.peek())) {
            heard.remove();
        }
        if (heard.peek() == null) {
            Object next = heard.poll(5, TimeUnit.MILLISECONDS);
            if (next != null) {
                heard.addFirst(next);
            }
        }
        return kind.isInstance(heard.peek());
    }

    /** The next thing of a kind; others before it are dropped. */
    <T> T next(Class<T> kind) throws InterruptedException {
        Object next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        while (next != null && !kind.isInstance(next)) {
            next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        if (next == null) {
            throw new AssertionError("no " + kind.getSimpleName() + " was heard");
        }
        return kind.cast(next);
    }
}
