package dev.cairn.distribution.bench.tier;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pulls from one transport into another, several under way at once, as the prefixes of some prompts
 * come.
 *
 * <p>Threads: one calls, the transports' answer.
 */
final class PeerTraffic implements AutoCloseable {

    /** A pull asks for so many bytes or blocks, whichever is more. */
    private static final long PULL_BYTES = 8 << 20;

    private static final int PULL_BLOCKS = 16;
    private static final int PULLS_UNDER_WAY = 4;

    private final BlockTransport pulling;
    private final BlockTransport serving;
    private final Blocks blocks;
    private final List<BlockRead> reads;
    private final int blocksPerPull;
    private final Semaphore room = new Semaphore(PULLS_UNDER_WAY);
    private final AtomicInteger missed = new AtomicInteger();

    PeerTraffic(BlockTransport pulling, BlockTransport serving, Blocks blocks) {
        this.pulling = pulling;
        this.serving = serving;
        this.blocks = blocks;
        this.reads = blocks.reads(0);
        long blockBytes = blocks.layout().blockBytes();
        this.blocksPerPull = (int) Math.max(PULL_BLOCKS, PULL_BYTES / blockBytes);
        serving.serve(new Lender(blocks));
    }

    /**
     * @return bytes per second
     */
    double pull() {
        long begin = System.nanoTime();
        for (int from = 0; from < blocks.count(); from += blocksPerPull) {
            int to = Math.min(from + blocksPerPull, blocks.count());
            room.acquireUninterruptibly();
            pulling.pull(serving.address(), reads.subList(from, to), new Ends(to - from));
        }
        room.acquireUninterruptibly(PULLS_UNDER_WAY);
        long nanos = System.nanoTime() - begin;
        room.release(PULLS_UNDER_WAY);
        if (missed.get() > 0) {
            throw new IllegalStateException(
                    "%d of %d blocks did not come".formatted(missed.get(), blocks.count()));
        }
        return blocks.bytes() * 1e9 / nanos;
    }

    String path() {
        return pulling.peer(serving.address()).path();
    }

    /** Counts one pull's blocks; who waits is woken once. */
    private final class Ends implements GetOutcomes {

        private final AtomicInteger left;

        Ends(int blocks) {
            left = new AtomicInteger(blocks);
        }

        @Override
        public void ended(int block, GetOutcome outcome) {
            if (outcome != GetOutcome.FOUND) {
                missed.incrementAndGet();
            }
            if (left.decrementAndGet() == 0) {
                room.release();
            }
        }
    }

    @Override
    public void close() {
        pulling.close();
        serving.close();
    }

    /** Lends where the blocks lie. */
    private static final class Lender implements BlockSource {

        private final Map<BlockKey, BlockBytes> held = new HashMap<>();
        private final List<BlockKind> kinds;

        Lender(Blocks blocks) {
            List<BlockWrite> writes = blocks.writes(0);
            writes.forEach(write -> held.put(write.key(), write.block()));
            kinds = List.of(BlockKind.of(writes.getFirst().key(), blocks.layout()));
        }

        @Override
        public List<BlockKind> kinds() {
            return kinds;
        }

        @Override
        public void lend(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            done.completed(Optional.ofNullable(held.get(key)));
        }
    }
}
