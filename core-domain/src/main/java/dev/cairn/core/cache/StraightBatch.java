package dev.cairn.core.cache;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Slices that whoever receives them copies into the device at once, told of in one event when the
 * last of them has ended. A turn of the mailbox and other threads in between cost a processor, on
 * which a step computes, more than the copy.
 *
 * <p>Threads: outcomes come on any, each writes its own place; the last one posts the event.
 */
final class StraightBatch {

    private final List<Slices> slices;
    private final int[] targets;
    private final GetOutcome[] outcomes;
    private final Throwable[] failures;
    private final AtomicInteger left;
    private final BlockPort blocks;
    private final Consumer<CacheEvent> mailbox;

    StraightBatch(List<Slices> slices, BlockPort blocks, Consumer<CacheEvent> mailbox) {
        this.slices = List.copyOf(slices);
        this.targets = slices.stream().mapToInt(one -> one.piece.block).toArray();
        this.outcomes = new GetOutcome[slices.size()];
        this.failures = new Throwable[slices.size()];
        this.left = new AtomicInteger(slices.size());
        this.blocks = blocks;
        this.mailbox = mailbox;
    }

    /** One of them came, or will not. */
    void ended(int index, GetOutcome outcome) {
        outcomes[index] = outcome;
        Slices came = slices.get(index);
        if (outcome == GetOutcome.FOUND && came.take()) {
            copy(index, came);
        } else {
            over();
        }
    }

    private void copy(int index, Slices came) {
        blocks.restoreHere(
                came.piece.group(),
                targets[index],
                came.firstLayer,
                came.layers,
                came.lease,
                new Completion<>() {
                    @Override
                    public void completed(Void nothing) {
                        over();
                    }

                    @Override
                    public void failed(Throwable failure) {
                        failures[index] = failure;
                        over();
                    }
                });
    }

    private void over() {
        if (left.decrementAndGet() == 0) {
            mailbox.accept(new CacheEvent.WentStraight(this));
        }
    }

    List<Slices> slices() {
        return slices;
    }

    GetOutcome outcome(int index) {
        return outcomes[index];
    }

    /** Why they are not in the device, although they came; null if they are, or did not come. */
    Throwable failure(int index) {
        return failures[index];
    }
}
