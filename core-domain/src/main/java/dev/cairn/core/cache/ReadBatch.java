package dev.cairn.core.cache;

import dev.cairn.ports.cache.GetOutcome;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Slices that were asked for together, told of in one event when the last of them has ended.
 *
 * <p>Threads: outcomes come on any, each writes its own place; the last one posts the event.
 */
final class ReadBatch {

    private final List<Slices> slices;
    private final GetOutcome[] outcomes;
    private final AtomicInteger left;
    private final Consumer<CacheEvent> mailbox;

    ReadBatch(List<Slices> slices, Consumer<CacheEvent> mailbox) {
        this.slices = List.copyOf(slices);
        this.outcomes = new GetOutcome[slices.size()];
        this.left = new AtomicInteger(slices.size());
        this.mailbox = mailbox;
    }

    /** One of them has ended. */
    void ended(int index, GetOutcome outcome) {
        outcomes[index] = outcome;
        if (left.decrementAndGet() == 0) {
            mailbox.accept(new CacheEvent.ReadTogether(this));
        }
    }

    List<Slices> slices() {
        return slices;
    }

    GetOutcome outcome(int index) {
        return outcomes[index];
    }
}
