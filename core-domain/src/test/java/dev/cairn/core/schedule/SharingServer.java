package dev.cairn.core.schedule;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.share.DirectoryFeed;
import dev.cairn.core.share.HandOver;
import dev.cairn.core.share.MoveBlocks;
import dev.cairn.core.share.TakeBlocks;
import dev.cairn.core.share.TierSource;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.ports.cache.BlockTier;
import java.util.List;
import java.util.stream.Stream;

/**
 * A server of a simulated fleet: an engine, its tiers, and all that it tells, lends, takes from and
 * hands to others. A block has 16 tokens and 128 bytes; the device holds 12 blocks.
 */
final class SharingServer {

    static final long SECOND = 1_000_000_000L;

    final SimulatedFleet.Node node;
    final List<BlockTier> tiers;
    final Bench bench;
    final TakeBlocks takeBlocks;
    final HandOver handOver;
    final MoveBlocks moveBlocks;
    final CountedLeases staging = new CountedLeases(8 * 128);
    final CountedLeases serving = new CountedLeases(4 * 128);
    final CountedLeases taking = new CountedLeases(4 * 128);

    /**
     * Joins.
     *
     * @param tiers fastest first
     */
    SharingServer(SimulatedFleet fleet, VirtualDriver driver, String id, ThrottledTier... tiers) {
        this(fleet, driver, id, 0, tiers);
    }

    /**
     * @param canary share of the fetched prefixes that is computed once more
     */
    SharingServer(
            SimulatedFleet fleet,
            VirtualDriver driver,
            String id,
            double canary,
            ThrottledTier... tiers) {
        node = fleet.join(id);
        DirectoryFeed feed = new DirectoryFeed(node.directory(), driver, driver);
        this.tiers =
                Stream.of(tiers).<BlockTier>map(tier -> feed.watch(tier.attach(driver))).toList();
        bench =
                new Bench(
                        toy -> toy.fullAttention(16, 12),
                        SchedulerSettings.forModelLength(190),
                        driver,
                        _ ->
                                new TierChain(
                                                this.tiers,
                                                staging,
                                                driver,
                                                100,
                                                4,
                                                FetchPolicy.MEASURED,
                                                SECOND)
                                        .with(node.ports())
                                        .withCanary(canary));
        TierSource source = new TierSource(this.tiers, serving, driver, bench.telemetry);
        if (this.tiers.isEmpty()) {
            source.offer(bench.runner.description(), bench.backend.deviceBlocks());
            bench.cache.also(feed.watch(bench.runner.description()));
        } else {
            source.offer(bench.runner.description());
        }
        node.transport().serve(source);
        takeBlocks = this.tiers.isEmpty() ? null : takeBlocks(driver);
        handOver = this.tiers.isEmpty() ? null : handOver(driver);
        moveBlocks = new MoveBlocks(id, this.tiers, node.commands(), driver);
    }

    private TakeBlocks takeBlocks(VirtualDriver driver) {
        TakeBlocks take =
                new TakeBlocks(
                        tiers.getFirst(),
                        node.membership(),
                        node.transport(),
                        taking,
                        driver,
                        bench.telemetry);
        node.answer(TakeBlocks.COMMAND, take::take);
        return take;
    }

    private HandOver handOver(VirtualDriver driver) {
        return new HandOver(
                tiers.getFirst(),
                node.membership(),
                node.directory(),
                node.commands(),
                driver,
                driver);
    }

    double reads(String peer, String outcome) {
        return bench.counter("cairn:peer_reads_total{%s,%s}".formatted(peer, outcome));
    }

    /** Memory that is out although nothing moves. */
    long lent() {
        return staging.lent() + serving.lent() + taking.lent();
    }
}
