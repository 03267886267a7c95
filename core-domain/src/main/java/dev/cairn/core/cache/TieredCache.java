package dev.cairn.core.cache;

import dev.cairn.core.block.PrefixCache;
import dev.cairn.core.block.PrefixHashes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The tiers below one engine's prefix cache.
 *
 * <p>Down: {@link Stores} copies blocks out of the device as they are entered, with a checksum per
 * layer slice, and gives them to the tiers. Up: {@link #onboard} decides for a prompt whether its
 * prefix is fetched, and {@link Fetches} brings the blocks, verified, into the device's prefix
 * cache, where the scheduler finds them like any other.
 *
 * <p>Whatever goes wrong is a miss: the request computes, and a counter says why.
 *
 * <p>Threads: the scheduler's mailbox owns it. Completions of ports are posted as {@link
 * CacheEvent}s.
 */
public final class TieredCache {

    /** Of the wait after the last layer no more is left than this part. */
    private static final int MOST_WAVES = 16;

    /** Below this part of the whole the smaller reads cost more than is gained. */
    private static final double WORTH_OVERLAPPING = 0.05;

    private final PrefixCache device;
    private final TierKeys keys;
    private final Lanes lanes;
    private final Stores stores;
    private final Fetches fetches;
    private final Prefetches prefetches;
    private final DeviceReads deviceReads;
    private final CacheDesk desk;
    private final Canary canary;
    private final TierChain chain;
    private final Consumer<CacheEvent> mailbox;
    private final FetchPolicy policy;
    private final boolean waitsAtGates;
    private final Telemetry telemetry;
    private final ComputePace compute = new ComputePace();
    private Leaving leaving = Leaving.NOT;
    private Timers.Cancellation patience = () -> {};

    /** How far the device is with giving away what it will forget. */
    private enum Leaving {
        NOT,
        WRITING,
        LATE
    }

    /**
     * @param blocks of the runner that {@code runner} describes; not asked without a tier
     * @param waitsAtGates whether a step of the runner may begin before all that it reads is there
     * @param device its prefix cache, whose entries are heard from now on
     * @param mailbox takes events to {@link #on}
     */
    public TieredCache(
            RunnerDescription runner,
            Supplier<BlockPort> blocks,
            boolean waitsAtGates,
            PrefixCache device,
            TierChain chain,
            Consumer<CacheEvent> mailbox,
            Telemetry telemetry) {
        this.device = device;
        this.chain = chain;
        this.mailbox = mailbox;
        this.telemetry = telemetry;
        this.policy = chain.policy();
        this.keys = new TierKeys(runner);
        this.waitsAtGates = waitsAtGates;
        this.lanes = new Lanes(chain, telemetry);
        TierMeasures measures = new TierMeasures(telemetry, lanes.tiers());
        BlockPort port = lanes.isEmpty() ? null : blocks.get();
        this.stores = new Stores(keys, port, device, chain, lanes.tiers(), mailbox, measures);
        this.fetches = new Fetches(keys, port, device, chain, stores, mailbox, measures);
        this.prefetches = new Prefetches(lanes, stores, telemetry);
        this.deviceReads = new DeviceReads(keys, port, device, mailbox);
        if (!lanes.tiers().isEmpty()) {
            device.onEntry(stores.choice());
        }
        this.canary = new Canary(chain, keys, port, device, lanes, fetches, mailbox, telemetry);
        fetches.onSample(canary::fetched);
        PinBook pins = new PinBook(chain.timers(), mailbox);
        this.desk = new CacheDesk(device, keys, lanes, stores, fetches, pins, mailbox);
    }

    /** Whether there is neither tier nor peer. */
    public boolean isEmpty() {
        return lanes.isEmpty();
    }

    /** One turn. */
    public void on(CacheEvent event, long nanos) {
        desk.at(nanos);
        switch (event) {
            case CacheEvent.Exported(var store, var failure) -> stores.exported(store, failure);
            case CacheEvent.Put(var store, var lane, var outcome) ->
                    stores.put(store, lane, outcome);
            case CacheEvent.Loaded(var store, var outcome) -> stores.loaded(store, outcome, nanos);
            case CacheEvent.DeviceWanted(var read) -> deviceReads.wanted(read);
            case CacheEvent.DeviceCopied(var group, var block) -> deviceReads.copied(group, block);
            case CacheEvent.Asked(var order) -> desk.asked(order);
            case CacheEvent.Cleared(var clearing, var lane, var removed, var failure) ->
                    desk.cleared(clearing, lane, removed, failure);
            case CacheEvent.ReadTogether(var batch) -> fetches.read(batch, nanos);
            case CacheEvent.WentStraight(var batch) -> fetches.wentStraight(batch, nanos);
            case CacheEvent.RestoredTogether(var batch) -> fetches.restored(batch, nanos);
            case CacheEvent.Forget() -> forget();
            case CacheEvent.Compared(var check) -> canary.compared(check, nanos);
            case CacheEvent.PinIsOver(var pin) -> desk.pinIsOver(pin);
            case CacheEvent.TimeIsUp(var onboarding) -> fetches.timeIsUp(onboarding, nanos);
        }
        fetches.stagingFreed(nanos);
        stores.stagingFreed();
    }

    /**
     * Whether the device may forget everything: write-back tiers have what only it had, or did not
     * take it in time. Asked in every turn until it may; an event comes when it may.
     */
    public boolean mayForget(long nanos) {
        if (leaving == Leaving.NOT) {
            if (stores.choice().writeAll(false) == 0) {
                return true;
            }
            leaving = Leaving.WRITING;
            patience =
                    chain.timers()
                            .schedule(
                                    nanos + chain.fetchDeadlineNanos(),
                                    () -> mailbox.accept(new CacheEvent.Forget()));
        }
        boolean may = leaving == Leaving.LATE || stores.haveLeft();
        if (may) {
            stays();
        }
        return may;
    }

    /** A step computed prompt tokens and nothing else. */
    public void computed(int tokens, long nanos) {
        if (leaving != Leaving.NOT) {
            // It was woken before it slept.
            stays();
        }
        compute.saw(tokens, nanos);
    }

    /**
     * Starts to fetch what a prompt begins with, where that is predicted to be sooner than to
     * compute it; or finds that others fetch it already.
     *
     * @return to wait for, or null to go on with what the device has; {@link #finished} must be
     *     called when the waiting ends
     */
    public Onboarding onboard(Wish wish, long nanos) {
        if (lanes.isEmpty()) {
            return null;
        }
        lanes.refresh(nanos);
        int held = wish.held();
        int reach = device.longestReach(wish.prefix(), wish.atMost(), this::isElsewhere);
        if (reach <= held) {
            return null;
        }
        List<FetchPlan> plans = plans(wish.prefix(), held, reach);
        if (plans.isEmpty()) {
            return null;
        }
        Onboarding running = fetches.join(plans.getLast());
        if (running != null) {
            return running;
        }
        List<FetchChoice.Candidate> candidates = new ArrayList<>();
        for (FetchPlan plan : plans) {
            double spared = waves(plan, wish).overlap(plan.nanos(), stepNanos(plan, wish));
            candidates.add(new FetchChoice.Candidate(plan.tokens(), plan.nanos() - spared));
        }
        if (policy == FetchPolicy.ALWAYS || wish.brought()) {
            return begin(plans.getLast(), wish, 0, nanos);
        }
        FetchChoice.Candidate best = FetchChoice.best(candidates, held, compute.perToken());
        if (best == null) {
            fetches.probe(plans.getLast(), nanos);
            return null;
        }
        FetchPlan plan = plans.get(candidates.indexOf(best));
        double computeNanos = compute.perToken().nanos(plan.tokens() - held);
        return begin(plan, wish, computeNanos, nanos);
    }

    /** Whether what waiting requests will begin with can be brought closer. */
    public boolean mayPrefetch() {
        return prefetches.mayBegin();
    }

    /**
     * Starts to bring what a request will begin with closer than it is, while it waits.
     *
     * @param atMost tokens that it can use
     * @return to be ended when it waits no more; null = there is nothing to bring
     */
    public Prefetch prefetch(PrefixHashes prefix, int atMost, long nanos) {
        lanes.refresh(nanos);
        int reach = device.longestReach(prefix, atMost, this::isElsewhere);
        FetchPlan plan = reach > 0 ? plan(prefix, reach) : null;
        return plan == null ? null : prefetches.begin(plan, prefix.salt());
    }

    private Onboarding begin(FetchPlan plan, Wish wish, double computeNanos, long nanos) {
        Onboarding begun =
                fetches.begin(
                        plan,
                        wish.tokens(),
                        wish.prefix().salt(),
                        computeNanos,
                        waves(plan, wish),
                        stepNanos(plan, wish),
                        nanos);
        if (begun != null) {
            begun.traced(telemetry.span("onboard", wish.trace()));
        }
        return begun;
    }

    /** Predicted time of the step that computes what follows; 0 = not known. */
    private double stepNanos(FetchPlan plan, Wish wish) {
        return compute.stepNanos(Math.min(wish.chunk(), wish.length() - plan.tokens()));
    }

    /**
     * In how many waves the layers of a prefix come: as whole blocks, unless a good part of the
     * step that follows can be computed meanwhile.
     */
    private Waves waves(FetchPlan plan, Wish wish) {
        Waves many = new Waves(mostWaves(plan), keys.layers());
        double fetch = plan.nanos();
        double step = stepNanos(plan, wish);
        boolean worth = many.overlap(fetch, step) >= WORTH_OVERLAPPING * (fetch + step);
        return many.areMany()
                        && fetch > 0
                        && worth
                        && plan.readsSlices()
                        && device.isAtBlockEnds(plan.tokens())
                ? many
                : new Waves(1, keys.layers());
    }

    private int mostWaves(FetchPlan plan) {
        if (!waitsAtGates) {
            return 1;
        }
        long least = chain.leastReadBytes().orElse(plan.leastReadBytes());
        long most = Math.min(MOST_WAVES, keys.layers());
        for (LayerGroup group : keys.groups()) {
            most = Math.min(most, keys.blockBytes(group.index()) / least);
        }
        return (int) Math.max(1, most);
    }

    /** The request that waited has its blocks, or is gone. */
    public void finished(Onboarding onboarding) {
        fetches.finished(onboarding);
    }

    /**
     * Ends all fetches and gives back the blocks that they hold, because a request cannot go on
     * without.
     *
     * @return whether there were any
     */
    public boolean letGo(long nanos) {
        return fetches.letGo(nanos);
    }

    /** A fetched prefix that is to be computed once more while nobody waits; null = none is. */
    public CanarySample nextSample() {
        return canary.next();
    }

    /**
     * It was computed.
     *
     * @param tables {@code [group][block]} where; held until they were compared
     */
    public void recomputed(int[][] tables) {
        canary.recomputed(tables);
    }

    /** It will not be, for others need the engine. */
    public void notRecomputed() {
        canary.givenUp();
    }

    /** Whether blocks are being copied out of the device or into it; they come back soon. */
    public boolean isCopying() {
        return fetches.isRestoring() || stores.isExporting() || deviceReads.isCopying();
    }

    /** The device's blocks, for peers; not without a tier or peers. Threads: any. */
    public DeviceBlocks deviceBlocks() {
        return deviceReads;
    }

    /** Peers ask in vain for what the device holds, from now on. Threads: any. */
    public void refusePeers() {
        deviceReads.refuse();
    }

    /** Those who wait for what the device holds are told. */
    public void close() {
        desk.close();
        deviceReads.close();
    }

    private void stays() {
        leaving = Leaving.NOT;
        patience.cancel();
    }

    private void forget() {
        if (leaving == Leaving.WRITING) {
            leaving = Leaving.LATE;
            stores.drop(_ -> true);
        }
    }

    private boolean isElsewhere(int group, BlockHash hash) {
        return lanes.have(keys.key(group, hash));
    }

    /**
     * The whole reach, and before it every place from which on another tier or peer is needed; none
     * if blocks that were there a moment ago are not any more.
     */
    private List<FetchPlan> plans(PrefixHashes prefix, int held, int reach) {
        FetchPlan whole = plan(prefix, reach);
        if (whole == null) {
            return List.of();
        }
        List<FetchPlan> plans = new ArrayList<>();
        Set<Lane> seen = new HashSet<>();
        int end = held;
        for (FetchPlan.Missing missing : whole.missing()) {
            if (seen.add(missing.lane()) && end > held) {
                addPlan(plans, prefix, end);
            }
            end = Math.min(reach, missing.place().end());
        }
        plans.add(whole);
        return plans;
    }

    private void addPlan(List<FetchPlan> plans, PrefixHashes prefix, int tokens) {
        if (device.longestReach(prefix, tokens, this::isElsewhere) == tokens) {
            FetchPlan plan = plan(prefix, tokens);
            if (plan != null) {
                plans.add(plan);
            }
        }
    }

    /** Null if a block is nowhere: tiers and peers lose blocks at any time. */
    private FetchPlan plan(PrefixHashes prefix, int tokens) {
        FetchPlan plan = new FetchPlan(tokens);
        for (var place : device.placesOf(prefix, tokens)) {
            if (place.isInDevice()) {
                plan.keep(place);
            } else {
                BlockKey key = keys.key(place.group(), place.hash());
                long bytes = keys.blockBytes(place.group());
                Lane lane = lanes.of(key, plan, bytes);
                if (lane == null) {
                    return null;
                }
                plan.fetch(place, key, lane, bytes);
            }
        }
        return plan;
    }
}
