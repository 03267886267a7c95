package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Waits for all outcomes of one call, and sees that none comes twice and no slice after its block's
 * end.
 */
public final class Outcomes {

    private final ConcurrentHashMap<Integer, Enum<?>> outcomes = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> all = new CompletableFuture<>();

    public List<PutOutcome> putAll(BlockTier tier, List<BlockWrite> writes) {
        tier.put(writes, (block, outcome) -> note(block, outcome, writes.size()));
        return inOrder(PutOutcome.class, writes.size());
    }

    public List<GetOutcome> getAll(BlockTier tier, List<BlockRead> reads) {
        tier.get(reads, ofReads(reads));
        return inOrder(GetOutcome.class, reads.size());
    }

    public List<GetOutcome> pullAll(BlockTransport transport, String peer, List<BlockRead> reads) {
        transport.pull(peer, reads, ofReads(reads));
        return inOrder(GetOutcome.class, reads.size());
    }

    /** For a call whose end {@link #await} waits for. */
    public BlockTier.GetOutcomes ofReads(List<BlockRead> reads) {
        return new BlockTier.GetOutcomes() {
            @Override
            public void sliceArrived(int block, int layer) {
                if (outcomes.containsKey(block)) {
                    all.completeExceptionally(
                            new AssertionError("slice after the end of block " + block));
                }
            }

            @Override
            public void ended(int block, GetOutcome outcome) {
                note(block, outcome, reads.size());
            }
        };
    }

    public List<GetOutcome> await(List<BlockRead> reads) {
        return inOrder(GetOutcome.class, reads.size());
    }

    private void note(int block, Enum<?> outcome, int expected) {
        if (outcomes.put(block, outcome) != null) {
            all.completeExceptionally(
                    new AssertionError("two outcomes of block %d".formatted(block)));
        } else if (outcomes.size() == expected) {
            all.complete(null);
        }
    }

    private <T extends Enum<T>> List<T> inOrder(Class<T> type, int expected) {
        all.join();
        assertThat(outcomes).hasSize(expected);
        List<T> ordered = new ArrayList<>();
        IntStream.range(0, expected).forEach(i -> ordered.add(type.cast(outcomes.get(i))));
        return ordered;
    }
}
