package dev.cairn.core.cache;

import dev.cairn.ports.system.Completion;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Slices that are copied into the device together, told of in one event: an event for each costs
 * the mailbox, and whoever computes beside it, more than copying small ones.
 *
 * <p>Threads: completions come on any, each writes its own place; the last one posts the event.
 */
final class RestoreBatch {

    private final List<Slices> slices;
    private final boolean[] sound;
    private final Throwable[] failures;
    private final AtomicInteger left;
    private final Consumer<CacheEvent> mailbox;

    RestoreBatch(List<Slices> slices, Consumer<CacheEvent> mailbox) {
        this.slices = List.copyOf(slices);
        this.sound = new boolean[slices.size()];
        this.failures = new Throwable[slices.size()];
        this.left = new AtomicInteger(slices.size());
        this.mailbox = mailbox;
    }

    /** Hears what became of one of them that was verified before. */
    Completion<Void> ofSound(int index) {
        Completion<Boolean> verified = of(index);
        return new Completion<>() {
            @Override
            public void completed(Void nothing) {
                verified.completed(true);
            }

            @Override
            public void failed(Throwable failure) {
                verified.failed(failure);
            }
        };
    }

    /** Hears what became of one of them, and whether it was sound. */
    Completion<Boolean> of(int index) {
        return new Completion<>() {
            @Override
            public void completed(Boolean isSound) {
                sound[index] = isSound;
                ended();
            }

            @Override
            public void failed(Throwable failure) {
                sound[index] = true;
                failures[index] = failure;
                ended();
            }
        };
    }

    private void ended() {
        if (left.decrementAndGet() == 0) {
            mailbox.accept(new CacheEvent.RestoredTogether(this));
        }
    }

    List<Slices> slices() {
        return slices;
    }

    /** Whether these slices were what they should be, or could not be looked at. */
    boolean isSound(int index) {
        return sound[index];
    }

    /** Why they are not in the device; null if they are. */
    Throwable failure(int index) {
        return failures[index];
    }
}
