package dev.cairn.core.cache;

import dev.cairn.core.block.BlockEntries;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Which blocks go to which tier, and when, by each tier's {@link StorePolicy}.
 *
 * <p>Write-back runs ahead of eviction: of the blocks of the device that would be let go next, as
 * many as the coming steps may need are written before; and of what a tier holds, the blocks that
 * came first, once it is three quarters full.
 *
 * <p>Threads: one mailbox owns it.
 */
final class StoreChoice implements BlockEntries {

    /** Blocks whose uses are counted: some megabytes at most. */
    private static final int MOST_COUNTED = 1 << 16;

    private final TierKeys keys;
    private final PrefixCache device;
    private final List<TierLane> lanes;
    private final Stores stores;
    private final boolean anySelective;
    private final boolean anyLate;
    private final UseCounts uses = new UseCounts(MOST_COUNTED);

    /** By group and block of the device: whether it was looked at, or was in a tier before. */
    private final boolean[][] seenLeaving;

    /** By tier: what came there and is not in the write-back tier below it, the oldest first. */
    private final List<Deque<Held>> onlyThere = new ArrayList<>();

    private final int mostHeld;

    StoreChoice(
            TierKeys keys, PrefixCache device, List<TierLane> lanes, Stores stores, int mostHeld) {
        this.keys = keys;
        this.device = device;
        this.lanes = lanes;
        this.stores = stores;
        this.mostHeld = mostHeld;
        this.anySelective = lanes.stream().anyMatch(TierLane::isSelective);
        this.anyLate = lanes.stream().anyMatch(TierLane::isLate);
        this.seenLeaving = new boolean[anyLate ? device.groups() : 0][];
        for (int group = 0; group < seenLeaving.length; group++) {
            seenLeaving[group] = new boolean[device.blocks(group)];
        }
        lanes.forEach(_ -> onlyThere.add(new ArrayDeque<>()));
    }

    @Override
    public void entered(int group, int block, BlockHash hash, String salt) {
        int count = anySelective ? uses.used(group, hash) : 0;
        offer(group, hash, salt, count, true);
        if (anyLate) {
            seenLeaving[group][block] = false;
            writeAhead(group);
        }
    }

    @Override
    public void filled(int group, int block) {
        if (anyLate) {
            seenLeaving[group][block] = false;
            writeAhead(group);
        }
    }

    @Override
    public void reused(int group, BlockHash hash, String salt) {
        if (anySelective) {
            offer(group, hash, salt, uses.used(group, hash), false);
        }
    }

    private void offer(int group, BlockHash hash, String salt, int count, boolean computed) {
        List<TierLane> now = new ArrayList<>(lanes.size());
        for (TierLane lane : lanes) {
            if (lane.takesAfter(count) && (computed || lane.isSelective())) {
                now.add(lane);
            }
        }
        if (!now.isEmpty()) {
            stores.offer(group, hash, salt, now);
        }
    }

    /** Tiers above one that gave a block, and that want it. */
    List<TierLane> promotedTo(BlockKey key, Lane from) {
        List<TierLane> wanted = new ArrayList<>();
        // The prompt that it is fetched for counts when it begins.
        for (TierLane lane : faster(from)) {
            if (!lane.isLate() && !lane.isSelective() && !lane.tier().contains(key)) {
                wanted.add(lane);
            }
        }
        return wanted;
    }

    /** A peer keeps what it has: of its blocks the fastest tier here gets a copy. */
    private List<TierLane> faster(Lane from) {
        return switch (from) {
            case TierLane tier -> lanes.subList(0, lanes.indexOf(tier));
            case PeerLane _ -> lanes.subList(0, Math.min(1, lanes.size()));
        };
    }

    /** Writes blocks that the device would let go soon. */
    private void writeAhead(int group) {
        device.leavingSoon(group, keys.blocksPerStep(group), this::leaves);
    }

    private void leaves(int group, int block, BlockHash hash, String salt) {
        if (!seenLeaving[group][block]) {
            seenLeaving[group][block] = true;
            TierLane to = lateFor(keys.key(group, hash), 0);
            if (to != null) {
                stores.offer(group, hash, salt, List.of(to));
            }
        }
    }

    /** The write-back tier that gets a block which leaves what is above; null = it has a place. */
    private TierLane lateFor(BlockKey key, int from) {
        for (TierLane lane : lanes.subList(from, lanes.size())) {
            if (lane.tier().contains(key)) {
                return null;
            }
            if (lane.isLate()) {
                return lane;
            }
        }
        return null;
    }

    /** A tier has a block that it had not. */
    void stored(BlockKey key, String salt, TierLane lane) {
        int index = lanes.indexOf(lane);
        if (!anyLate || lateFor(key, index + 1) == null) {
            return;
        }
        Deque<Held> held = onlyThere.get(index);
        held.add(new Held(key, salt));
        boolean full = lane.tier().usedBytes() > lane.tier().capacityBytes() / 4 * 3;
        if (full) {
            // Two for one, so that it catches up.
            demoteOldest(index);
            demoteOldest(index);
        } else if (held.size() > mostHeld) {
            demoteOldest(index);
        }
    }

    private boolean demoteOldest(int index) {
        Held oldest = onlyThere.get(index).poll();
        if (oldest == null) {
            return false;
        }
        TierLane to = lateFor(oldest.key, index + 1);
        if (to != null) {
            BlockKey key = oldest.key;
            stores.send(
                    new Errand(
                            key.group(),
                            key.hash(),
                            oldest.salt,
                            lanes.get(index),
                            to,
                            (_, _) -> {}));
        }
        return true;
    }

    /**
     * Writes what only the device has to write-back tiers, before it forgets.
     *
     * @param last whether tiers that forget with the process have to give theirs, too
     * @return how many blocks
     */
    int writeAll(boolean last) {
        if (!anyLate) {
            return 0;
        }
        int[] count = new int[1];
        device.found(
                (group, _, hash, salt) -> {
                    List<TierLane> to =
                            lanes.stream()
                                    .filter(TierLane::isLate)
                                    .filter(lane -> !lane.tier().contains(keys.key(group, hash)))
                                    .limit(last ? lanes.size() : 1)
                                    .toList();
                    if (!to.isEmpty()) {
                        stores.offerAnyway(group, hash, salt, to);
                        count[0]++;
                    }
                });
        for (int index = 0; last && index < lanes.size(); index++) {
            while (demoteOldest(index)) {
                count[0]++;
            }
        }
        return count[0];
    }

    private record Held(BlockKey key, String salt) {}
}
