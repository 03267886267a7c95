package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPool;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Blocks on their way down. A block waits in a bounded queue without being held, is held while it
 * is copied out of the device, and is gone from the queue if it was evicted before. {@link
 * StoreChoice} says which blocks go where; errands are what an operator asked for.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Stores {

    /** Errands at once: they have time, and share the staging memory with everything else. */
    private static final int MOST_ERRANDS = 8;

    private final TierKeys keys;
    private final BlockPort blocks;
    private final PrefixCache device;
    private final TierChain chain;
    private final Consumer<CacheEvent> mailbox;
    private final TierMeasures measures;
    private final StoreChoice choice;
    private final Deque<Candidate> queue = new ArrayDeque<>();
    private final Deque<Errand> errands = new ArrayDeque<>();
    private final Set<Store> alive = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Landing> landings = new ArrayList<>();
    private final Deque<Turn> turns = new ArrayDeque<>();
    private final List<Runnable> untilIdle = new ArrayList<>();
    private int runningErrands;
    private int exporting;
    private long inPlaceBytes;

    /** Of the queue, since the beginning. */
    private long added;

    private long taken;

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
        this.mailbox = mailbox;
        this.measures = measures;
        this.choice = new StoreChoice(keys, device, lanes, this, chain.maxQueuedStores());
    }

    /** What decides which blocks come here. */
    StoreChoice choice() {
        return choice;
    }

    /** A block of the device is to go to tiers. */
    void offer(int group, BlockHash hash, String salt, List<TierLane> to) {
        if (queue.size() >= chain.maxQueuedStores()) {
            measures.notStored("queue_full");
            return;
        }
        offerAnyway(group, hash, salt, to);
    }

    /** The same for whoever bounds the number by other means. */
    void offerAnyway(int group, BlockHash hash, String salt, List<TierLane> to) {
        queue.add(new Candidate(group, hash, salt, to));
        added++;
        begin();
    }

    /** Somebody wants a block to be copied; the caller bounds how many. */
    void send(Errand errand) {
        errands.add(errand);
        begin();
    }

    void exported(Store store, Throwable failure) {
        exporting--;
        device.release(store.key.group(), store.block);
        if (failure != null) {
            measures.notStored("export_failed");
            end(store, Errand.Result.FAILED);
            return;
        }
        put(store);
    }

    /** The tier that an errand takes its block from has answered. */
    void loaded(Store store, GetOutcome outcome, long nanos) {
        store.errand.from().answered(store.key, outcome, nanos);
        measures.read(store.errand.from(), outcome, store.read.bytes(), true);
        if (outcome == GetOutcome.FOUND) {
            store.bytes =
                    new BlockBytes(store.read.layout(), store.lease, store.read.sliceChecksums());
            put(store);
        } else {
            boolean absent = outcome == GetOutcome.ABSENT || outcome == GetOutcome.DAMAGED;
            end(store, absent ? Errand.Result.ABSENT : Errand.Result.FAILED);
        }
    }

    /**
     * A block came up from a slower tier: those above it get it too.
     *
     * @param bytes whose lease is closed when they have it, or at once
     */
    void promote(BlockKey key, BlockBytes bytes, String salt, Lane from) {
        // Who cleared the tier meanwhile does not want to see the block in another.
        List<TierLane> above = mayHave(from, key) ? choice.promotedTo(key, from) : List.of();
        if (above.isEmpty()) {
            bytes.bytes().close();
            return;
        }
        Store store = Store.of(key, salt, above, bytes);
        alive.add(store);
        put(store);
    }

    /** The same where its bytes came apart: it is taken from the device. */
    void promoteFromDevice(BlockKey key, String salt, Lane from) {
        List<TierLane> above = mayHave(from, key) ? choice.promotedTo(key, from) : List.of();
        if (!above.isEmpty()) {
            offer(key.group(), key.hash(), salt, above);
        }
    }

    private static boolean mayHave(Lane lane, BlockKey key) {
        return switch (lane) {
            case TierLane tier -> tier.tier().contains(key);
            case PeerLane _ -> true;
        };
    }

    private void put(Store store) {
        store.pending = store.lanes.size();
        List<BlockWrite> write =
                List.of(new BlockWrite(store.key, store.bytes, TierKeys.account(store.salt)));
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
        if (outcome == PutOutcome.STORED) {
            lane.wrote(store.bytes.layout().blockBytes());
        }
        boolean there = outcome == PutOutcome.STORED || outcome == PutOutcome.PRESENT;
        store.taken |= there;
        if (--store.pending == 0) {
            end(store, store.taken ? Errand.Result.DONE : Errand.Result.FAILED);
        }
        if (outcome == PutOutcome.STORED) {
            choice.stored(store.key, store.salt, lane);
        }
    }

    /** Whether blocks of the device are being read, and come back when that is done. */
    boolean isExporting() {
        return exporting > 0;
    }

    /** Whether nothing is on its way or waits to be. */
    boolean isIdle() {
        return alive.isEmpty() && queue.isEmpty() && errands.isEmpty();
    }

    /** Runs what must not begin before nothing is on its way any more. */
    void whenIdle(Runnable then) {
        if (isIdle()) {
            then.run();
        } else {
            untilIdle.add(then);
        }
    }

    /** Runs what must not begin before every block that is on its way now has come to its end. */
    void afterThoseOnTheirWay(Runnable then) {
        if (alive.isEmpty()) {
            then.run();
            return;
        }
        Set<Store> before = Collections.newSetFromMap(new IdentityHashMap<>());
        before.addAll(alive);
        landings.add(new Landing(before, then));
    }

    /** The same where those count, too, that wait now and have not begun. */
    void afterAllThatWait(Runnable then) {
        if (queue.isEmpty()) {
            afterThoseOnTheirWay(then);
        } else {
            turns.add(new Turn(added, then));
        }
    }

    private void takeFromQueue() {
        queue.remove();
        taken++;
    }

    /** Those whose turn has come wait for what has begun. */
    private void callTurns() {
        while (!turns.isEmpty() && turns.peek().after <= taken) {
            afterThoseOnTheirWay(turns.remove().then);
        }
    }

    /** What waits to go to tiers stays where it is. */
    void drop(Predicate<String> salts) {
        int before = queue.size();
        queue.removeIf(each -> salts.test(each.salt));
        taken += before - queue.size();
        callTurns();
        List<Errand> dropped = errands.stream().filter(e -> salts.test(e.salt())).toList();
        errands.removeAll(dropped);
        dropped.forEach(each -> each.over().over(each, Errand.Result.FAILED));
    }

    private void end(Store store, Errand.Result result) {
        store.lease.close();
        if (store.inPlace) {
            inPlaceBytes -= keys.layout(store.key.group()).blockBytes();
        }
        alive.remove(store);
        if (store.errand != null) {
            runningErrands--;
            store.errand.over().over(store.errand, result);
        }
        landed(store);
        begin();
        if (!untilIdle.isEmpty() && isIdle()) {
            List<Runnable> idle = List.copyOf(untilIdle);
            untilIdle.clear();
            idle.forEach(Runnable::run);
        }
    }

    private void landed(Store store) {
        List<Landing> ready = new ArrayList<>();
        for (Landing landing : landings) {
            if (landing.before.remove(store) && landing.before.isEmpty()) {
                ready.add(landing);
            }
        }
        landings.removeAll(ready);
        ready.forEach(landing -> landing.then.run());
    }

    /** Whether nothing of the device waits to be copied or is being. */
    boolean haveLeft() {
        return queue.isEmpty() && exporting == 0;
    }

    /** Staging memory may have come back. */
    void stagingFreed() {
        begin();
    }

    private void begin() {
        beginAll();
        callTurns();
    }

    private void beginAll() {
        while (!errands.isEmpty() && runningErrands < MOST_ERRANDS) {
            if (!begin(errands.peek())) {
                return;
            }
        }
        while (!queue.isEmpty()) {
            Candidate next = queue.peek();
            KvLayout layout = keys.layout(next.group);
            int block = device.find(next.group, next.hash);
            if (block == BlockPool.NONE) {
                measures.notStored("evicted_first");
                takeFromQueue();
                continue;
            }
            BlockKey key = keys.key(next.group, next.hash);
            List<TierLane> without =
                    next.lanes.stream().filter(lane -> !lane.tier().contains(key)).toList();
            if (without.isEmpty()) {
                takeFromQueue();
                continue;
            }
            MemoryLease lease = room(key, layout, next.salt, without);
            boolean inPlace = lease != null;
            if (!inPlace) {
                lease = chain.staging().tryLease(layout.blockBytes());
            }
            if (lease == null) {
                return;
            }
            takeFromQueue();
            Store store = new Store(key, next.salt, block, without, lease, null);
            store.inPlace = inPlace;
            export(store, layout);
        }
    }

    /**
     * Room where a tier will keep the block, or null. As much is taken at once as staging memory
     * would allow, so that few blocks leave a tier before others are there.
     */
    private MemoryLease room(BlockKey key, KvLayout layout, String salt, List<TierLane> lanes) {
        if (!chain.storesInPlace()
                || inPlaceBytes + layout.blockBytes() > chain.staging().capacity()) {
            return null;
        }
        for (TierLane lane : lanes) {
            var room = lane.tier().room(key, layout, TierKeys.account(salt));
            if (room.isPresent()) {
                inPlaceBytes += layout.blockBytes();
                return room.get();
            }
        }
        return null;
    }

    /**
     * @return false if there is no memory for it now; then it stays
     */
    private boolean begin(Errand errand) {
        BlockKey key = keys.key(errand.group(), errand.hash());
        KvLayout layout = keys.layout(errand.group());
        boolean fromDevice = errand.from() == null;
        int block = fromDevice ? device.find(errand.group(), errand.hash()) : BlockPool.NONE;
        Errand.Result known = null;
        if (errand.to().tier().contains(key)) {
            known = Errand.Result.DONE;
        } else if (fromDevice ? block == BlockPool.NONE : !mayHave(errand.from(), key)) {
            known = Errand.Result.ABSENT;
        }
        if (known != null) {
            errands.remove();
            errand.over().over(errand, known);
            return true;
        }
        MemoryLease lease = chain.staging().tryLease(layout.blockBytes());
        if (lease == null) {
            return false;
        }
        errands.remove();
        runningErrands++;
        Store store = new Store(key, errand.salt(), block, List.of(errand.to()), lease, errand);
        if (fromDevice) {
            export(store, layout);
        } else {
            load(store, layout);
        }
        return true;
    }

    private void load(Store store, KvLayout layout) {
        alive.add(store);
        store.read = new BlockRead(store.key, layout, store.lease);
        store.errand
                .from()
                .get(
                        List.of(store.read),
                        (_, outcome) -> mailbox.accept(new CacheEvent.Loaded(store, outcome)));
    }

    private void export(Store store, KvLayout layout) {
        alive.add(store);
        exporting++;
        device.retain(store.key.group(), store.block);
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

    /**
     * @param after how many have left the queue
     */
    private record Turn(long after, Runnable then) {}

    private record Candidate(int group, BlockHash hash, String salt, List<TierLane> lanes) {}

    /**
     * Who waits for stores.
     *
     * @param before those that have not ended
     */
    private record Landing(Set<Store> before, Runnable then) {

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
