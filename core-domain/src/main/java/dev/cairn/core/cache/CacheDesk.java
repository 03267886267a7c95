package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.core.block.PrefixHashes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.cache.DeviceStatus;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.cache.TierStatus;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Does what an administrator asks of one engine's cache.
 *
 * <p>Threads: one mailbox owns it.
 */
final class CacheDesk {

    private final PrefixCache device;
    private final TierKeys keys;
    private final Lanes places;
    private final List<TierLane> lanes;
    private final Stores stores;
    private final Fetches fetches;
    private final PinBook pins;
    private final Consumer<CacheEvent> mailbox;
    private long now;

    CacheDesk(
            PrefixCache device,
            TierKeys keys,
            Lanes places,
            Stores stores,
            Fetches fetches,
            PinBook pins,
            Consumer<CacheEvent> mailbox) {
        this.device = device;
        this.keys = keys;
        this.places = places;
        this.lanes = places.tiers();
        this.stores = stores;
        this.fetches = fetches;
        this.pins = pins;
        this.mailbox = mailbox;
    }

    /** A turn of the mailbox begins. */
    void at(long nanos) {
        now = nanos;
    }

    void asked(CacheOrder order) {
        try {
            switch (order) {
                case CacheOrder.Status(var model, var done) -> done.completed(status(model));
                case CacheOrder.Lookup(var prompt, var tenant, var done) -> {
                    places.refresh(now);
                    done.completed(lookup(prompt, tenant));
                }
                case CacheOrder.Pin pin -> stores.afterThoseOnTheirWay(checked(pin));
                case CacheOrder.PinAs pin -> stores.afterThoseOnTheirWay(checked(pin));
                case CacheOrder.Unpin unpin -> stores.afterThoseOnTheirWay(() -> unpin(unpin));
                case CacheOrder.Move move -> stores.afterThoseOnTheirWay(checked(move));
                case CacheOrder.Clear(var what, var done) -> clear(what, done);
                case CacheOrder.WriteBack(var done) -> writeBack(done);
                case CacheOrder.Settled(var done) ->
                        stores.afterAllThatWait(() -> done.completed(null));
            }
        } catch (RequestRefused refused) {
            order.done().failed(refused);
        }
    }

    private CacheStatus status(String model) {
        return new CacheStatus(
                List.of(
                        new DeviceStatus(
                                model,
                                device.lookUps().tokens(),
                                device.lookUps().hits(),
                                device.use())),
                lanes.stream().map(CacheDesk::status).toList(),
                pins.status(model, now));
    }

    private static TierStatus status(TierLane lane) {
        BlockTier tier = lane.tier();
        return new TierStatus(
                lane.name(),
                lane.policy().label(),
                lane.isQuarantined(),
                tier.capacityBytes(),
                tier.usedBytes(),
                lane.movedBytes(),
                lane.writtenBytes(),
                tier.counts(),
                tier.rates(),
                tier.holdings());
    }

    private PrefixHashes hashed(int[] prompt, String tenant) {
        PrefixHashes prefix = device.newPrefix(tenant);
        prefix.extendTo(prompt, prompt.length);
        return prefix;
    }

    private List<BlockPlace> blocksOf(int[] prompt, String tenant) {
        return device.wholeBlocks(hashed(prompt, tenant));
    }

    private PromptBlocks lookup(int[] prompt, String tenant) {
        PrefixHashes prefix = hashed(prompt, tenant);
        List<PromptBlocks.PlacedBlock> placed = new ArrayList<>();
        for (BlockPlace block : device.wholeBlocks(prefix)) {
            List<String> holding = new ArrayList<>();
            if (block.isInDevice()) {
                holding.add(CacheControl.DEVICE);
            }
            holding.addAll(places.placesOf(keyOf(block)));
            placed.add(
                    new PromptBlocks.PlacedBlock(
                            keyOf(block), block.start(), block.end(), holding));
        }
        // The last token is always computed, for what follows it.
        int usable = Math.max(0, prompt.length - 1);
        return new PromptBlocks(
                prompt.length,
                device.longestHit(prefix, usable),
                device.longestReach(
                        prefix, usable, (group, hash) -> places.have(keys.key(group, hash))),
                placed);
    }

    private Runnable checked(CacheOrder.Pin order) {
        demandTiers(order.tier().isPresent() ? "tier" : "prompt");
        Optional<TierLane> tier = order.tier().map(name -> lane("tier", name));
        return () -> {
            if (order.pinned()) {
                pin(pins.unnamed(), blocksOf(order.prompt(), order.tenant()), tier, order.done());
            } else {
                order.done().completed(unpin(order, tier));
            }
        };
    }

    private BlockTally unpin(CacheOrder.Pin order, Optional<TierLane> tier) {
        List<BlockPlace> blocks = blocksOf(order.prompt(), order.tenant());
        int done = 0;
        for (BlockPlace block : blocks) {
            boolean any = false;
            for (TierLane lane : tier.map(List::of).orElse(lanes)) {
                any |= pins.letGo(lane, keyOf(block));
            }
            done += any ? 1 : 0;
        }
        return new BlockTally(blocks.size(), done, blocks.size() - done, 0);
    }

    private Runnable checked(CacheOrder.PinAs order) {
        demandTiers(order.tier().isPresent() ? "tier" : "prompt");
        Optional<TierLane> tier = order.tier().map(name -> lane("tier", name));
        if (!pins.hasRoomFor(order.tenant(), order.label().name())) {
            throw invalid(
                    "name",
                    "name: there are %d pins already; unpin some".formatted(PinBook.MOST_NAMES));
        }
        return () ->
                pin(
                        pins.named(order.tenant(), order.label(), now),
                        blocksOf(order.prompt(), order.tenant()),
                        tier,
                        order.done());
    }

    private void unpin(CacheOrder.Unpin order) {
        int held = pins.end(order.tenant(), order.name()).orElse(0);
        order.done().completed(new BlockTally(held, held, 0, 0));
    }

    void pinIsOver(PinBook.Pin pin) {
        pins.timeIsUp(pin, now);
    }

    void close() {
        pins.close();
    }

    private void pin(
            PinBook.Pin pin,
            List<BlockPlace> blocks,
            Optional<TierLane> tier,
            Completion<BlockTally> done) {
        PromptErrands errands = PromptErrands.telling(blocks.size(), done);
        for (BlockPlace block : blocks) {
            BlockKey key = keyOf(block);
            List<TierLane> holding =
                    tier.map(List::of).orElse(lanes).stream()
                            .filter(lane -> lane.tier().contains(key))
                            .toList();
            if (holding.isEmpty()) {
                send(
                        block,
                        sourceOf(block),
                        tier.orElse(lanes.getFirst()),
                        (errand, result) -> errands.ended(pinned(pin, errand, key, result)));
            } else {
                boolean all = true;
                for (TierLane lane : holding) {
                    all &= pins.hold(pin, lane, key);
                }
                errands.ended(all ? Errand.Result.DONE : Errand.Result.FAILED);
            }
        }
        errands.allSent();
    }

    private Errand.Result pinned(
            PinBook.Pin pin, Errand errand, BlockKey key, Errand.Result copied) {
        return copied == Errand.Result.DONE && !pins.hold(pin, errand.to(), key)
                ? Errand.Result.FAILED
                : copied;
    }

    private Runnable checked(CacheOrder.Move order) {
        demandTiers("to");
        boolean fromDevice = order.from().equals(CacheControl.DEVICE);
        if (order.to().equals(CacheControl.DEVICE)) {
            throw invalid(
                    "to",
                    "to cannot be the device: blocks come there when a prompt needs them; name a"
                            + " tier: "
                            + names());
        }
        TierLane from = fromDevice ? null : lane("from", order.from());
        TierLane to = lane("to", order.to());
        if (from == to) {
            throw invalid("to", "to must be another tier than from, both are " + to.name());
        }
        return () -> move(order, from, to);
    }

    private void move(CacheOrder.Move order, TierLane from, TierLane to) {
        List<BlockPlace> blocks = blocksOf(order.prompt(), order.tenant());
        List<BlockKey> arrived = new ArrayList<>();
        PromptErrands errands =
                new PromptErrands(
                        blocks.size(),
                        tally -> {
                            if (from == null) {
                                // A fetch may count on a block that is to be forgotten.
                                fetches.letGo(now);
                                arrived.forEach(key -> device.forget(key.group(), key.hash()));
                                order.done().completed(tally);
                            } else {
                                from.tier().remove(arrived, handOn(order.done(), tally));
                            }
                        });
        for (BlockPlace block : blocks) {
            BlockKey key = keyOf(block);
            boolean there = from == null ? block.isInDevice() : from.tier().contains(key);
            if (!there) {
                errands.ended(Errand.Result.ABSENT);
                continue;
            }
            send(
                    block,
                    from,
                    to,
                    (_, result) -> {
                        if (result == Errand.Result.DONE) {
                            arrived.add(key);
                        }
                        errands.ended(result);
                    });
        }
        errands.allSent();
    }

    private void send(BlockPlace block, Lane from, TierLane to, Errand.Over over) {
        stores.send(new Errand(block.group(), block.hash(), block.salt(), from, to, over));
    }

    /** Where a block can be copied from; null = the device, also if it is nowhere. */
    private Lane sourceOf(BlockPlace block) {
        return block.isInDevice() ? null : places.of(keyOf(block), null, 0);
    }

    private void clear(ClearOrder order, Completion<Map<String, Integer>> done) {
        for (String place : order.places()) {
            if (!place.equals(CacheControl.DEVICE)) {
                lane("tiers", place);
            }
        }
        boolean everything = order.tenant().isEmpty() && order.storedBefore().isEmpty();
        Clearing clearing = new Clearing(done, everything);
        if (order.storedBefore().isEmpty()) {
            Predicate<String> salts =
                    salt ->
                            order.tenant().isEmpty()
                                    || order.tenant().get().equals(TierKeys.account(salt));
            stores.drop(salts);
            if (order.concerns(CacheControl.DEVICE)) {
                fetches.letGo(now);
                clearing.forgot(CacheControl.DEVICE, device.forget(salts));
            }
        }
        stores.afterThoseOnTheirWay(() -> clearTiers(order, clearing));
    }

    private void clearTiers(ClearOrder order, Clearing clearing) {
        Optional<String> model =
                order.ownModel() ? Optional.of(keys.key(0, null).model()) : Optional.empty();
        BlockSelection selection =
                new BlockSelection(
                        model,
                        order.tenant(),
                        order.storedBefore().isPresent()
                                ? order.storedBefore()
                                : OptionalLong.empty());
        clearing.begins();
        for (TierLane lane : lanes) {
            if (order.concerns(lane.name())) {
                clearing.begins();
                lane.tier().clear(selection, report(clearing, lane));
            }
        }
        clearing.ended(null);
    }

    private Completion<Integer> report(Clearing clearing, TierLane lane) {
        return new Completion<>() {
            @Override
            public void completed(Integer removed) {
                mailbox.accept(new CacheEvent.Cleared(clearing, lane, removed, null));
            }

            @Override
            public void failed(Throwable failure) {
                mailbox.accept(new CacheEvent.Cleared(clearing, lane, 0, failure));
            }
        };
    }

    void cleared(Clearing clearing, TierLane lane, int removed, Throwable failure) {
        clearing.forgot(lane.name(), removed);
        pins.sweep();
        if (failure == null && clearing.isOfEverything()) {
            lane.quarantine(false);
        }
        clearing.ended(failure);
    }

    private void writeBack(Completion<Integer> done) {
        int blocks = stores.choice().writeAll(true);
        stores.whenIdle(() -> done.completed(blocks));
    }

    private static <T> Completion<Integer> handOn(Completion<T> done, T result) {
        return new Completion<>() {
            @Override
            public void completed(Integer removed) {
                done.completed(result);
            }

            @Override
            public void failed(Throwable failure) {
                done.failed(failure);
            }
        };
    }

    private BlockKey keyOf(BlockPlace block) {
        return keys.key(block.group(), block.hash());
    }

    private void demandTiers(String field) {
        if (lanes.isEmpty()) {
            throw invalid(
                    field,
                    "there is no tier below the device; start the server with cairn.cache.tiers,"
                            + " for example host,disk");
        }
    }

    private TierLane lane(String field, String name) {
        return lanes.stream()
                .filter(lane -> lane.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                invalid(
                                        field,
                                        "%s: there is no tier \"%s\"; those here are: %s"
                                                .formatted(field, shortened(name), names())));
    }

    private static String shortened(String name) {
        return name.length() <= 40 ? name : name.substring(0, 40) + "…";
    }

    private String names() {
        return lanes.isEmpty()
                ? "none"
                : String.join(", ", lanes.stream().map(TierLane::name).toList());
    }

    private static RequestRefused invalid(String field, String message) {
        return new RequestRefused(RequestProblem.invalid(field, message));
    }
}
