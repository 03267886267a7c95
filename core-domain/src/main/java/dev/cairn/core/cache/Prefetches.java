package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Brings what waiting requests will begin with from slower tiers and peers to the fastest tier, so
 * that their own fetches are short. It has time: a few blocks at once, and for all requests that
 * have not begun no more bytes than a part of that tier, lest one pushes out what another needs.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Prefetches {

    private static final int AT_ONCE = 4;

    /** So much of the fastest tier may be for requests that wait. */
    private static final int PART_OF_TIER = 4;

    private final Lanes lanes;
    private final Stores stores;
    private final Telemetry.Counter outcomes;
    private final Deque<Wanted> waiting = new ArrayDeque<>();
    private final Set<BlockKey> coming = new HashSet<>();
    private long bytes;
    private int running;
    private boolean sending;

    Prefetches(Lanes lanes, Stores stores, Telemetry telemetry) {
        this.lanes = lanes;
        this.stores = stores;
        this.outcomes =
                telemetry.counter(
                        "cairn:prefetched_blocks_total",
                        "Blocks of waiting requests that were to come to the fastest tier, by outcome",
                        List.of("outcome"));
    }

    /** Whether blocks can come closer than they are, and there is room for more. */
    boolean mayBegin() {
        List<TierLane> tiers = lanes.tiers();
        return !tiers.isEmpty()
                && (tiers.size() > 1 || lanes.havePeers())
                && bytes < room(tiers.getFirst());
    }

    private static long room(TierLane lane) {
        return lane.tier().capacityBytes() / PART_OF_TIER;
    }

    /**
     * @param plan of what a request would fetch if it began now
     * @param salt of its tenant
     */
    Prefetch begin(FetchPlan plan, String salt) {
        Prefetch prefetch = new Prefetch(this);
        TierLane fastest = lanes.tiers().getFirst();
        for (FetchPlan.Missing missing : plan.missing()) {
            boolean closer =
                    stores.choice().promotedTo(missing.key(), missing.lane()).contains(fastest);
            if (closer && bytes + missing.bytes() <= room(fastest) && coming.add(missing.key())) {
                bytes += missing.bytes();
                prefetch.add(missing.bytes());
                waiting.add(new Wanted(prefetch, missing, salt, fastest));
            }
        }
        sendSome();
        return prefetch;
    }

    private void sendSome() {
        if (sending) {
            return;
        }
        sending = true;
        while (running < AT_ONCE && !waiting.isEmpty()) {
            Wanted next = waiting.remove();
            BlockKey key = next.block.key();
            if (next.prefetch.hasEnded()) {
                coming.remove(key);
                outcomes.add(1, "cancelled");
            } else {
                running++;
                stores.send(
                        new Errand(
                                key.group(),
                                key.hash(),
                                next.salt,
                                next.block.lane(),
                                next.to,
                                (_, result) -> over(key, result)));
            }
        }
        sending = false;
    }

    private void over(BlockKey key, Errand.Result result) {
        running--;
        coming.remove(key);
        outcomes.add(1, result.name().toLowerCase(Locale.ROOT));
        sendSome();
    }

    /** A request does not wait any more. */
    void ended(long bytesOfRequest) {
        bytes -= bytesOfRequest;
        sendSome();
    }

    private record Wanted(Prefetch prefetch, FetchPlan.Missing block, String salt, TierLane to) {}
}
