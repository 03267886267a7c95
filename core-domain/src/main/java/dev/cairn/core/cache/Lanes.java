package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a block can be fetched from: this process's tiers in their order, then peers.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Lanes {

    private final List<TierLane> tiers;
    private final Optional<PeerPorts> ports;
    private final PeerMeasures measures;
    private final Map<String, PeerLane> peers = new HashMap<>();

    /** Addresses; read by whoever looks at metrics, too. */
    private final Set<String> wrongPeers = ConcurrentHashMap.newKeySet();

    private long now;

    Lanes(TierChain chain, Telemetry telemetry) {
        this.tiers =
                chain.tiers().stream()
                        .map(tier -> new TierLane(tier, chain.storePolicy(tier)))
                        .toList();
        this.ports = chain.peers();
        this.measures = ports.isEmpty() ? null : new PeerMeasures(telemetry, wrongPeers::size);
    }

    /** Those of this process, fastest first. */
    List<TierLane> tiers() {
        return tiers;
    }

    boolean isEmpty() {
        return tiers.isEmpty() && ports.isEmpty();
    }

    /** Whether this process is a member of a fleet. */
    boolean havePeers() {
        return ports.isPresent();
    }

    /** Looks who is there; what is asked next is asked at this time. */
    void refresh(long nanos) {
        now = nanos;
        ports.ifPresent(this::refresh);
    }

    private void refresh(PeerPorts from) {
        String self = from.membership().self().id();
        Set<String> here = new HashSet<>();
        for (Member member : from.membership().members()) {
            String address = member.transferAddresses().get(from.transport().name());
            if (address == null || member.id().equals(self)) {
                continue;
            }
            here.add(member.id());
            PeerLane known = peers.get(member.id());
            if (known == null || !known.address().equals(address)) {
                peers.put(
                        member.id(),
                        new PeerLane(member.id(), address, from, measures.of(address)));
            }
        }
        peers.keySet().retainAll(here);
        peers.values().forEach(lane -> lane.refresh(now));
    }

    /** Nothing is read from there any more. */
    void quarantine(Lane lane) {
        lane.quarantine(true);
        if (lane instanceof PeerLane peer) {
            wrongPeers.add(peer.address());
        }
    }

    /** Whether somebody has the block. */
    boolean have(BlockKey key) {
        return of(key, null, 0) != null;
    }

    /**
     * The best place to have a block from, or null.
     *
     * @param plan what is to be fetched beside it; null = nothing
     */
    Lane of(BlockKey key, FetchPlan plan, long bytes) {
        for (TierLane lane : tiers) {
            if (!lane.isQuarantined() && lane.tier().contains(key)) {
                return lane;
            }
        }
        return ports.isEmpty() || peers.isEmpty() ? null : peerOf(key, plan, bytes);
    }

    /** Names of everybody who has a block, tiers first. */
    List<String> placesOf(BlockKey key) {
        List<String> places = new ArrayList<>();
        for (TierLane lane : tiers) {
            if (lane.tier().contains(key)) {
                places.add(lane.name());
            }
        }
        if (ports.isPresent() && !peers.isEmpty()) {
            for (BlockHolder holder : ports.get().directory().holders(key)) {
                places.add(PeerLane.NAME + ":" + holder.member());
            }
        }
        return places;
    }

    /** Of several holders the one that is predicted to be done first. */
    private PeerLane peerOf(BlockKey key, FetchPlan plan, long bytes) {
        PeerLane best = null;
        double least = 0;
        for (BlockHolder holder : ports.orElseThrow().directory().holders(key)) {
            PeerLane lane = peers.get(holder.member());
            if (lane == null
                    || wrongPeers.contains(lane.address())
                    || lane.isAvoided()
                    || !lane.mayHave(key, now)) {
                continue;
            }
            double nanos = lane.nanos(bytes + (plan == null ? 0 : plan.bytesFrom(lane)));
            if (best == null || nanos < least) {
                best = lane;
                least = nanos;
            }
        }
        return best;
    }
}
