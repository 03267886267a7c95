package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.PinLabel;
import dev.cairn.ports.cache.PinStatus;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.system.Timers.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who holds which blocks in which tier. A tier knows only that a block is pinned; here it is
 * counted by whom, so that it is let go when the last one lets go.
 *
 * <p>What was pinned without a name in an earlier life of the process is not counted: it ends with
 * the first pin of these blocks that ends.
 *
 * <p>Threads: one mailbox owns it.
 */
final class PinBook {

    /** Names at most, of all tenants. */
    static final int MOST_NAMES = 4096;

    /** Of pins without a name. */
    private static final Owner NOBODY = new Owner("", "");

    private final Timers timers;
    private final Consumer<CacheEvent> mailbox;
    private final Map<Owner, Pin> pins = new LinkedHashMap<>();
    private final Map<Held, Integer> holders = new HashMap<>();

    PinBook(Timers timers, Consumer<CacheEvent> mailbox) {
        this.timers = timers;
        this.mailbox = mailbox;
    }

    private record Owner(String tenant, String name) {}

    private record Held(TierLane lane, BlockKey key) {}

    /** Blocks that are held together, until somebody says so or the time is over. */
    static final class Pin {

        private final Owner owner;
        private final Set<Held> held = new LinkedHashSet<>();
        private boolean ended;
        private boolean limited;
        private long untilNanos;
        private Cancellation timer = () -> {};

        private Pin(Owner owner) {
            this.owner = owner;
        }
    }

    /** Whether one more name finds room, or is there. */
    boolean hasRoomFor(String tenant, String name) {
        return pins.size() < MOST_NAMES || pins.containsKey(new Owner(tenant, name));
    }

    /** What is pinned without a name. */
    Pin unnamed() {
        return pins.computeIfAbsent(NOBODY, Pin::new);
    }

    /** A pin of that name; its time begins now. */
    Pin named(String tenant, PinLabel label, long nanos) {
        Pin pin = pins.computeIfAbsent(new Owner(tenant, label.name()), Pin::new);
        pin.timer.cancel();
        pin.limited = label.atMost().isPresent();
        if (pin.limited) {
            pin.untilNanos = nanos + label.atMost().get().toNanos();
            pin.timer =
                    timers.schedule(
                            pin.untilNanos, () -> mailbox.accept(new CacheEvent.PinIsOver(pin)));
        }
        return pin;
    }

    /**
     * Holds a block that a tier has.
     *
     * @return whether it is held: it may be gone, or the pin may have ended meanwhile
     */
    boolean hold(Pin pin, TierLane lane, BlockKey key) {
        if (pin.ended || !lane.tier().pin(key, true)) {
            return false;
        }
        Held held = new Held(lane, key);
        if (pin.held.add(held)) {
            holders.merge(held, 1, Integer::sum);
        }
        return true;
    }

    /**
     * Lets go what is held without a name.
     *
     * @return whether the tier has the block
     */
    boolean letGo(TierLane lane, BlockKey key) {
        Held held = new Held(lane, key);
        if (unnamed().held.remove(held)) {
            return release(held);
        }
        // Perhaps pinned in an earlier life.
        return holders.containsKey(held) ? lane.tier().contains(key) : lane.tier().pin(key, false);
    }

    /**
     * Ends a pin.
     *
     * @return how many blocks it held that are still there; empty = there is no such pin
     */
    Optional<Integer> end(String tenant, String name) {
        return Optional.ofNullable(pins.get(new Owner(tenant, name))).map(this::end);
    }

    /** The time of a pin may be over; not if it was said anew. */
    void timeIsUp(Pin pin, long nanos) {
        if (!pin.ended && pin.limited && pin.untilNanos - nanos <= 0) {
            end(pin);
        }
    }

    private int end(Pin pin) {
        pin.ended = true;
        pin.timer.cancel();
        pins.remove(pin.owner);
        int there = 0;
        for (Held held : pin.held) {
            there += release(held) ? 1 : 0;
        }
        pin.held.clear();
        return there;
    }

    private boolean release(Held held) {
        Integer left = holders.computeIfPresent(held, (_, count) -> count == 1 ? null : count - 1);
        return left == null
                ? held.lane.tier().pin(held.key, false)
                : held.lane.tier().contains(held.key);
    }

    /** Blocks were cleared or moved away, pinned or not. */
    void sweep() {
        holders.keySet().removeIf(held -> !held.lane.tier().contains(held.key));
        for (Pin pin : List.copyOf(pins.values())) {
            pin.held.retainAll(holders.keySet());
            if (pin.held.isEmpty() && pin.owner != NOBODY) {
                end(pin);
            }
        }
    }

    List<PinStatus> status(String model, long nanos) {
        List<PinStatus> all = new ArrayList<>();
        for (Pin pin : pins.values()) {
            if (pin.owner != NOBODY) {
                Optional<Duration> left =
                        pin.limited
                                ? Optional.of(Duration.ofNanos(Math.max(0, pin.untilNanos - nanos)))
                                : Optional.empty();
                String account = TierKeys.account(pin.owner.tenant);
                all.add(new PinStatus(pin.owner.name, model, account, pin.held.size(), left));
            }
        }
        return all;
    }

    /** Nobody would end those with a time limit after a restart. */
    void close() {
        for (Pin pin : List.copyOf(pins.values())) {
            if (pin.limited) {
                end(pin);
            }
        }
    }
}
