package dev.cairn.distribution.bench.tier;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Puts and gets in calls of several blocks, some of them under way at once, as a prefix of many
 * blocks comes.
 *
 * <p>Threads: one calls, the tier's answer.
 */
final class Traffic {

    private static final int CALL = 16;
    private static final int BLOCKS_UNDER_WAY = 64;

    private final BlockTier tier;
    private final Semaphore room = new Semaphore(BLOCKS_UNDER_WAY);
    private final AtomicInteger refused = new AtomicInteger();

    Traffic(BlockTier tier) {
        this.tier = tier;
    }

    /**
     * @return bytes per second
     */
    double put(Blocks blocks, int run) {
        List<BlockWrite> writes = blocks.writes(run);
        return timed(
                blocks,
                (from, to) -> {
                    var under = new UnderWay(to - from);
                    tier.put(
                            writes.subList(from, to),
                            (block, outcome) -> under.ended(outcome == PutOutcome.STORED));
                });
    }

    /**
     * @return bytes per second
     */
    double get(Blocks blocks, int run) {
        List<BlockRead> reads = blocks.reads(run);
        return timed(
                blocks,
                (from, to) -> {
                    var under = new UnderWay(to - from);
                    tier.get(
                            reads.subList(from, to),
                            (block, outcome) -> under.ended(outcome == GetOutcome.FOUND));
                });
    }

    private interface Call {
        void start(int from, int to);
    }

    private double timed(Blocks blocks, Call call) {
        long begin = System.nanoTime();
        for (int from = 0; from < blocks.count(); from += CALL) {
            int to = Math.min(from + CALL, blocks.count());
            room.acquireUninterruptibly(to - from);
            call.start(from, to);
        }
        room.acquireUninterruptibly(BLOCKS_UNDER_WAY);
        long nanos = System.nanoTime() - begin;
        room.release(BLOCKS_UNDER_WAY);
        if (refused.get() > 0) {
            throw new IllegalStateException(
                    "tier %s did not store or find %d of %d blocks of %d bytes; is it large enough?"
                            .formatted(
                                    tier.name(),
                                    refused.get(),
                                    blocks.count(),
                                    blocks.layout().blockBytes()));
        }
        return blocks.bytes() * 1e9 / nanos;
    }

    /**
     * A call whose blocks have not all ended. Waking the caller for each would count as the tier's.
     */
    private final class UnderWay {

        private final int blocks;
        private final AtomicInteger left;

        UnderWay(int blocks) {
            this.blocks = blocks;
            this.left = new AtomicInteger(blocks);
        }

        void ended(boolean well) {
            if (!well) {
                refused.incrementAndGet();
            }
            if (left.decrementAndGet() == 0) {
                room.release(blocks);
            }
        }
    }
}
