package dev.cairn.core.schedule;

import dev.cairn.core.cache.TierChain;
import dev.cairn.core.share.TierSource;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.SimulatedTransport;
import dev.cairn.core.testing.SimulatedTransport.Fate;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Members that got blocks of the one under test at some time, serve some of them, lie about others,
 * and come and go.
 */
final class SimulatedPeers {

    private final SimulatedFleet fleet = new SimulatedFleet();
    private final SimulatedFleet.Node self = fleet.join("self");
    private final List<Peer> peers = new ArrayList<>();
    private final Random random;

    private SimulatedPeers(Random random) {
        this.random = random;
    }

    /** None, or up to three. */
    static SimulatedPeers any(Random random) {
        SimulatedPeers any = new SimulatedPeers(new Random(random.nextLong()));
        for (int i = random.nextInt(2) * (1 + random.nextInt(3)); i > 0; i--) {
            any.peers.add(any.new Peer("peer " + i));
        }
        return any;
    }

    /** The chain with peers, if there are any, in the driver's time. */
    TierChain join(TierChain chain, VirtualDriver driver) {
        if (peers.isEmpty()) {
            return chain;
        }
        fleet.attach(driver);
        peers.forEach(peer -> peer.join(driver));
        return chain.with(self.ports());
    }

    /** Peers get some of what tiers hold; tiers lose some of it; somebody dies soon. */
    void exchange(List<ThrottledTier> tiers, VirtualDriver driver) {
        for (Peer peer : peers) {
            tiers.forEach(peer::copy);
            if (random.nextInt(4) == 0) {
                long when = driver.nanos() + random.nextInt(30_000_000);
                driver.schedule(when, () -> fleet.leave(peer.id));
            }
        }
        if (!peers.isEmpty()) {
            tiers.forEach(tier -> tier.forget(keys -> keys.removeIf(_ -> random.nextInt(4) > 0)));
            // Long enough to be forgiven, or not.
            driver.runUntil(driver.nanos() + random.nextInt(2) * 3_000_000_000L);
        }
    }

    /** Peers get what a tier here has had. */
    int fewestTiers() {
        return peers.isEmpty() ? 0 : 1;
    }

    long lent() {
        return peers.stream().mapToLong(peer -> peer.serving.lent()).sum();
    }

    long found() {
        return peers.stream().mapToLong(peer -> peer.transport.sent()).sum();
    }

    long damaged() {
        return peers.stream().mapToLong(peer -> peer.transport.damaged()).sum();
    }

    private final class Peer {

        private final String id;
        private final ThrottledTier tier;
        private final CountedLeases serving = new CountedLeases(100 + random.nextInt(1000));
        private SimulatedFleet.Node node;
        private SimulatedTransport transport;

        Peer(String id) {
            this.id = id;
            this.tier = new ThrottledTier("host", 5 + random.nextInt(100));
            if (random.nextBoolean()) {
                tier.lending();
            }
            node = fleet.join(id);
            transport = node.transport();
            transport.pace(random.nextInt(3) == 0 ? 10_000 : 10);
            double share = random.nextInt(2) * random.nextDouble() * 0.4;
            transport.fate(
                    _ ->
                            random.nextDouble() > share
                                    ? Fate.GOOD
                                    : Fate.values()[random.nextInt(Fate.values().length)]);
        }

        /** Once more, if it had left. */
        void join(VirtualDriver driver) {
            fleet.comeBack(node);
            tier.attach(driver);
            transport.serve(new TierSource(List.of(tier), serving, driver, Telemetry.none()));
        }

        /** What it says to have it has, or does not: announcements get lost both ways. */
        void copy(ThrottledTier from) {
            List<BlockKey> keys = new ArrayList<>(from.keys());
            keys.removeIf(_ -> random.nextInt(3) == 0);
            tier.copy(from, keys.stream().filter(_ -> random.nextInt(10) > 0).toList());
            node.directory()
                    .announce(keys.stream().filter(_ -> random.nextInt(10) > 0).toList(), "host");
        }
    }
}
