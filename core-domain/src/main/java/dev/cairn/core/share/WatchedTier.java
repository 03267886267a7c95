package dev.cairn.core.share;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.cache.TierCounts;
import dev.cairn.ports.cache.TierHoldings;
import dev.cairn.ports.cache.TierRates;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A tier that says of every block that comes or goes, by whatever way, that something changed. It
 * says so after the change, so whoever asks {@link #contains} then knows how it is, until he hears
 * the next time.
 *
 * <p>Threads: any.
 */
public final class WatchedTier implements BlockTier {

    private final BlockTier tier;
    private final Consumer<BlockKey> changed;
    private final AtomicInteger clearing = new AtomicInteger();
    private final Set<BlockKey> storedMeanwhile = ConcurrentHashMap.newKeySet();
    private volatile Departures departures = (_, _) -> {};

    /**
     * @param tier nobody else listens to it
     * @param changed called on the tier's threads; must not wait, and not call the tier
     */
    public WatchedTier(BlockTier tier, Consumer<BlockKey> changed) {
        this.tier = tier;
        this.changed = changed;
        tier.listen(this::left);
    }

    private void left(BlockKey key, Departures.Reason reason) {
        changed.accept(key);
        departures.left(key, reason);
    }

    @Override
    public String name() {
        return tier.name();
    }

    @Override
    public long capacityBytes() {
        return tier.capacityBytes();
    }

    @Override
    public long usedBytes() {
        return tier.usedBytes();
    }

    @Override
    public TierRates rates() {
        return tier.rates();
    }

    @Override
    public TierCounts counts() {
        return tier.counts();
    }

    @Override
    public TierHoldings holdings() {
        return tier.holdings();
    }

    @Override
    public boolean contains(BlockKey key) {
        return tier.contains(key);
    }

    @Override
    public void put(List<BlockWrite> blocks, PutOutcomes outcomes) {
        tier.put(
                blocks,
                (block, outcome) -> {
                    if (outcome == PutOutcome.STORED) {
                        stored(blocks.get(block).key());
                    }
                    outcomes.stored(block, outcome);
                });
    }

    private void stored(BlockKey key) {
        if (clearing.get() > 0) {
            storedMeanwhile.add(key);
        }
        changed.accept(key);
    }

    @Override
    public boolean readsSlices() {
        return tier.readsSlices();
    }

    @Override
    public long leastReadBytes() {
        return tier.leastReadBytes();
    }

    @Override
    public void get(List<BlockRead> blocks, GetOutcomes outcomes) {
        tier.get(blocks, outcomes);
    }

    @Override
    public boolean hold(BlockKey key, Duration atMost) {
        return tier.hold(key, atMost);
    }

    @Override
    public Optional<BlockBytes> lend(BlockKey key, KvLayout layout, Duration atMost) {
        return tier.lend(key, layout, atMost);
    }

    @Override
    public Optional<BlockBytes> borrow(BlockKey key, KvLayout layout) {
        return tier.borrow(key, layout);
    }

    @Override
    public Optional<MemoryLease> room(BlockKey key, KvLayout layout, String tenant) {
        return tier.room(key, layout, tenant);
    }

    @Override
    public boolean pin(BlockKey key, boolean pinned) {
        return tier.pin(key, pinned);
    }

    @Override
    public void remove(List<BlockKey> keys, Completion<Integer> removed) {
        List<BlockKey> asked = List.copyOf(keys);
        tier.remove(keys, before(removed, () -> asked.forEach(changed)));
    }

    /** A clear names no blocks, so those that it may take are noted before. */
    @Override
    public void clear(BlockSelection selection, Completion<Integer> removed) {
        clearing.incrementAndGet();
        List<BlockKey> selected = new ArrayList<>();
        tier.entries(
                entry -> {
                    if (selection.selects(
                            entry.key().model(), entry.tenant(), entry.storedEpochMillis())) {
                        selected.add(entry.key());
                    }
                });
        tier.clear(selection, before(removed, () -> cleared(selected)));
    }

    private void cleared(List<BlockKey> selected) {
        selected.forEach(changed);
        List<BlockKey> stored = List.copyOf(storedMeanwhile);
        stored.forEach(changed);
        if (clearing.decrementAndGet() == 0) {
            stored.forEach(storedMeanwhile::remove);
        }
    }

    private static Completion<Integer> before(Completion<Integer> done, Runnable first) {
        return new Completion<>() {
            @Override
            public void completed(Integer count) {
                first.run();
                done.completed(count);
            }

            @Override
            public void failed(Throwable failure) {
                first.run();
                done.failed(failure);
            }
        };
    }

    @Override
    public void entries(Consumer<BlockEntry> each) {
        tier.entries(each);
    }

    @Override
    public List<BlockEntry> hottest(long bytes) {
        return tier.hottest(bytes);
    }

    @Override
    public void listen(Departures listener) {
        departures = listener;
    }

    @Override
    public void close() {
        tier.close();
    }
}
