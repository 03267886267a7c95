package dev.cairn.distribution.bench.tier;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Blocks that are pulled from a peer, or read from a tier, again and again, into memory of their
 * own, from which they can be lent. Threads: one pulls; others lend what was pulled before they
 * began.
 */
final class PulledBlocks implements BlockSource, AutoCloseable {

    private static final int PULL = 16;
    private static final int UNDER_WAY = 64;

    /** A block by its name. */
    record Named(BlockKey key, KvLayout layout) {}

    private final Arena arena = Arena.ofShared();
    private final List<BlockRead> reads = new ArrayList<>();
    private final Map<BlockKey, BlockRead> byKey = new LinkedHashMap<>();
    private final List<BlockKind> kinds;
    private final long bytes;

    /** Those that a tier holds. */
    static PulledBlocks of(BlockTier tier) {
        List<Named> names = new ArrayList<>();
        tier.entries(entry -> names.add(new Named(entry.key(), entry.layout())));
        return new PulledBlocks(names);
    }

    PulledBlocks(List<Named> names) {
        long sum = 0;
        for (Named name : names) {
            MemorySegment memory = arena.allocate(name.layout.blockBytes(), 4096);
            memory.fill((byte) 1);
            BlockRead read = new BlockRead(name.key, name.layout, lease(memory));
            reads.add(read);
            byKey.put(name.key, read);
            sum += read.bytes();
        }
        bytes = sum;
        kinds = names.stream().map(name -> BlockKind.of(name.key, name.layout)).distinct().toList();
    }

    private static MemoryLease lease(MemorySegment memory) {
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return memory;
            }

            @Override
            public void close() {
                // The arena's, for all of them.
            }
        };
    }

    /**
     * Pulls all of them.
     *
     * @return bytes per second
     * @throws IllegalStateException if some did not come
     */
    double pull(BlockTransport transport, String peer) {
        return timed((some, outcomes) -> transport.pull(peer, some, outcomes));
    }

    /**
     * Reads all of them from a tier of this process.
     *
     * @return bytes per second
     * @throws IllegalStateException if some did not come
     */
    double get(BlockTier tier) {
        return timed(tier::get);
    }

    private interface Call {
        void start(List<BlockRead> some, GetOutcomes outcomes);
    }

    private double timed(Call call) {
        Semaphore room = new Semaphore(UNDER_WAY);
        AtomicInteger missed = new AtomicInteger();
        long begin = System.nanoTime();
        for (int from = 0; from < reads.size(); from += PULL) {
            int to = Math.min(from + PULL, reads.size());
            AtomicInteger left = new AtomicInteger(to - from);
            room.acquireUninterruptibly(PULL);
            call.start(
                    reads.subList(from, to),
                    (_, outcome) -> {
                        if (outcome != GetOutcome.FOUND) {
                            missed.incrementAndGet();
                        }
                        if (left.decrementAndGet() == 0) {
                            room.release(PULL);
                        }
                    });
        }
        room.acquireUninterruptibly(UNDER_WAY);
        if (missed.get() > 0) {
            throw new IllegalStateException(
                    "%d of %d blocks did not come".formatted(missed.get(), reads.size()));
        }
        return bytes * 1e9 / (System.nanoTime() - begin);
    }

    @Override
    public List<BlockKind> kinds() {
        return kinds;
    }

    @Override
    public void lend(
            BlockKey key, KvLayout layout, Duration atMost, Completion<Optional<BlockBytes>> done) {
        done.completed(
                Optional.ofNullable(byKey.get(key))
                        .filter(read -> read.layout().equals(layout))
                        .map(read -> new BlockBytes(layout, read.target(), read.sliceChecksums())));
    }

    @Override
    public void close() {
        arena.close();
    }
}
