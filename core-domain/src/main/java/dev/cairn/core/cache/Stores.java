package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPool;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Blocks on their way down. A block waits in a bounded queue without being held, is held while it
 * is copied out of the device, and is gone from the queue if it was evicted before.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Stores {

    private final TierKeys keys;
    private final BlockPort blocks;
    private final PrefixCache device;
    private final TierChain chain;
    private final List<TierLane> lanes;
    private final Consumer<CacheEvent> mailbox;
    private final TierMeasures measures;
    private final Deque<Candidate> queue = new ArrayDeque<>();
    private int exporting;

    Stores(
            TierKeys keys,
            BlockPort blocks,
            PrefixCache device,
            TierChain chain,
            List<TierLane> lanes,
            Consumer<CacheEvent> mailbox,
            TierMeasures measures) {
        this.keys = keys;
        this.blocks = blocks;
        this.device = device;
        this.chain = chain;
        this.lanes = lanes;
        this.mailbox = mailbox;
        this.measures = measures;
    }

    /** A block was computed. */
    void entered(int group, int block, BlockHash hash, String salt) {
        if (queue.size() >= chain.maxQueuedStores()) {
            measures.notStored("queue_full");
            return;
        }
        queue.add(new Candidate(group, hash, salt));
        begin();
    }

    void exported(Store store, Throwable failure) {
        exporting--;
        device.release(store.key.group(), store.block);
        if (failure != null) {
            measures.notStored("export_failed");
            end(store);
            return;
        }
        put(store);
    }

    /**
     * A block came up from a slower tier or a peer: those above it get it too.
     *
     * @param bytes whose lease is closed when they have it, or at once
     */
    void promote(BlockKey key, BlockBytes bytes, String salt, Lane from) {
        List<TierLane> without = new ArrayList<>();
        for (TierLane lane : faster(from)) {
            if (!lane.tier().contains(key)) {
                without.add(lane);
            }
        }
        if (without.isEmpty()) {
            bytes.bytes().close();
            return;
        }
        Store store = new Store(key, salt, BlockPool.NONE, without, bytes.bytes());
        store.bytes = bytes;
        put(store);
    }

    /** A peer keeps what it has: of its blocks the fastest tier here gets a copy. */
    private List<TierLane> faster(Lane from) {
        return switch (from) {
            case TierLane tier -> lanes.subList(0, lanes.indexOf(tier));
            case PeerLane _ -> lanes.subList(0, Math.min(1, lanes.size()));
        };
    }

    private void put(Store store) {
        store.pending = store.lanes.size();
        List<BlockWrite> write = List.of(new BlockWrite(store.key, store.bytes, store.salt));
        for (TierLane lane : store.lanes) {
            lane.tier()
                    .put(
                            write,
                            (_, outcome) ->
                                    mailbox.accept(new CacheEvent.Put(store, lane, outcome)));
        }
    }

    void put(Store store, TierLane lane, PutOutcome outcome) {
        measures.put(lane, outcome, store.bytes.layout().blockBytes());
        if (--store.pending == 0) {
            end(store);
        }
    }

    /** Whether blocks of the device are being read, and come back when that is done. */
    boolean isExporting() {
        return exporting > 0;
    }

    private void end(Store store) {
        store.lease.close();
        begin();
    }

    private void begin() {
        while (!queue.isEmpty()) {
            Candidate next = queue.peek();
            KvLayout layout = keys.layout(next.group);
            int block = device.find(next.group, next.hash);
            if (block == BlockPool.NONE) {
                measures.notStored("evicted_first");
                queue.remove();
                continue;
            }
            List<TierLane> without = lanesWithout(next);
            if (without.isEmpty()) {
                queue.remove();
                continue;
            }
            MemoryLease lease = chain.staging().tryLease(layout.blockBytes());
            if (lease == null) {
                return;
            }
            queue.remove();
            device.retain(next.group, block);
            export(
                    new Store(keys.key(next.group, next.hash), next.salt, block, without, lease),
                    layout);
        }
    }

    private List<TierLane> lanesWithout(Candidate next) {
        List<TierLane> without = new ArrayList<>();
        for (TierLane lane : lanes) {
            if (!lane.tier().contains(keys.key(next.group, next.hash))) {
                without.add(lane);
            }
        }
        return without;
    }

    private void export(Store store, KvLayout layout) {
        exporting++;
        blocks.export(
                store.key.group(),
                store.block,
                0,
                layout.layers(),
                store.lease,
                new Completion<>() {
                    @Override
                    public void completed(Void nothing) {
                        store.bytes = BlockBytes.leaving(layout, store.lease);
                        mailbox.accept(new CacheEvent.Exported(store, null));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        mailbox.accept(new CacheEvent.Exported(store, failure));
                    }
                });
    }

    private record Candidate(int group, BlockHash hash, String salt) {}
}
