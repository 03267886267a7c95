package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.SimulatedTransport.Fate;
import dev.cairn.core.testing.ThrottledTier;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What requests gain from blocks of peers, and that peers can only lose time. A block has 16 tokens
 * and 128 bytes; a device holds 12 blocks.
 */
class PeerCachingTest {

    private static final int[] LONG = Ask.prompt(1, 160);
    private static final int[] OTHER = Ask.prompt(2, 160);
    private static final long SECOND = SharingServer.SECOND;

    private final VirtualDriver driver = new VirtualDriver();
    private final SimulatedFleet fleet = new SimulatedFleet().attach(driver);

    /** A server whose answers are what they are cold. */
    private final class Server {

        private final SharingServer server;
        private final SimulatedFleet.Node node;
        private final Bench bench;

        Server(String id, ThrottledTier... tiers) {
            server = new SharingServer(fleet, driver, id, tiers);
            node = server.node;
            bench = server.bench;
        }

        Heard ask(String id, int[] prompt) {
            Heard heard = bench.run(new Ask(id, prompt).maxTokens(4));
            assertThat(heard.ids()).isEqualTo(cold(prompt));
            assertThat(server.lent()).as("memory that never came back").isZero();
            return heard;
        }

        int cached(String id, int[] prompt) {
            return ask(id, prompt).usage().cachedTokens();
        }

        double reads(String peer, String outcome) {
            return server.reads(peer, outcome);
        }
    }

    private static ThrottledTier host() {
        return new ThrottledTier("host", 1000);
    }

    private static List<List<Integer>> cold(int[] prompt) {
        return Bench.roomy().run(new Ask("cold", prompt).maxTokens(4)).ids();
    }

    @Test
    void whatOneComputedAnotherPulls() {
        Server a = new Server("a", host().lending());
        Server b = new Server("b", host());
        a.ask("before", LONG);
        assertThat(b.cached("after", LONG)).isEqualTo(159);
        assertThat(b.bench.runner.computedTokens()).isEqualTo(1 + 3);
        assertThat(b.reads("a", "found")).isEqualTo(10);
    }

    @Test
    void whatOnlyADeviceHoldsIsCopiedOutForPeers() {
        Server a = new Server("a");
        Server b = new Server("b", host());
        a.ask("before", LONG);
        assertThat(b.cached("after", LONG)).isEqualTo(159);
        assertThat(b.reads("a", "found")).isEqualTo(10);
        assertThat(a.bench.counter("cairn:peer_served_blocks_total{device,found}")).isEqualTo(10);
        a.bench.assertNothingHeld();
        a.ask("evicts", OTHER);
        Server c = new Server("c");
        assertThat(c.cached("from b", LONG)).isEqualTo(159);
        assertThat(c.reads("a", "absent")).as("what left was withdrawn").isZero();
    }

    @Test
    void whatMustBeReadToBeLentGoesThroughMemoryOfItsOwn() {
        Server a = new Server("a", new ThrottledTier("disk", 1000));
        Server b = new Server("b");
        a.ask("before", LONG);
        assertThat(b.cached("after", LONG)).isEqualTo(159);
        assertThat(a.bench.counter("cairn:peer_served_blocks_total{disk,found}")).isEqualTo(10);
    }

    @Test
    void whatWasPulledLiesInTheOwnHostTierAndIsAnnounced() {
        Server a = new Server("a", host());
        ThrottledTier own = host();
        ThrottledTier disk = new ThrottledTier("disk", 1000);
        Server b = new Server("b", own, disk);
        a.ask("before", LONG);
        b.ask("pulls", LONG);
        assertThat(own.size()).isEqualTo(10);
        assertThat(disk.size()).as("a peer's blocks are not written to the disk too").isZero();
        assertThat(fleet.announced("b", "host")).hasSize(10);
        b.ask("other", OTHER);
        b.ask("again", LONG);
        assertThat(b.reads("a", "found")).isEqualTo(10);
        assertThat(b.bench.counter("cairn:tier_reads_total{host,found}")).isPositive();
    }

    @Test
    void aPrefixComesPartlyFromOwnTiersPartlyFromSeveralPeers() {
        ThrottledTier ofA = host();
        ThrottledTier ofB = host();
        ThrottledTier ofC = host();
        Server a = new Server("a", ofA);
        a.ask("before", LONG);
        Server b = new Server("b", ofB);
        Server c = new Server("c", ofC);
        b.ask("pulls", LONG);
        c.ask("pulls too", LONG);
        ofA.forget(keys -> keys.subList(0, 4).clear());
        ofB.forget(keys -> keys.subList(0, 2).clear());
        ofB.forget(keys -> keys.subList(4, 8).clear());
        ofC.forget(keys -> keys.subList(2, keys.size()).clear());
        // Now a holds 4 .. 9, b 2 .. 5, c 0 and 1; the directory was not told.
        fleet.leave("a");
        fleet.leave("b");
        fleet.leave("c");
        Server again = new Server("c", ofC);
        new Server("b", ofB);
        new Server("a", ofA);
        ofA.forget(keys -> keys.subList(5, keys.size()).clear());
        assertThat(again.cached("all", LONG)).isEqualTo(9 * 16);
        assertThat(again.bench.counter("cairn:tier_reads_total{host,found}")).isEqualTo(2);
        assertThat(again.reads("a", "found") + again.reads("b", "found")).isEqualTo(7);
    }

    @Test
    void ofTwoHoldersTheFasterOneIsAsked() {
        Server a = new Server("a", host());
        Server b = new Server("b", host());
        ThrottledTier own = new ThrottledTier("host", 1);
        Server c = new Server("c", own);
        a.node.transport().pace(2000);
        b.node.transport().pace(10);
        for (int i = 0; i < 8; i++) {
            int[] prompt = Ask.prompt(100 + i, 160);
            a.ask("a" + i, prompt);
            b.ask("b" + i, prompt);
            c.ask("c" + i, prompt);
        }
        assertThat(c.reads("a", "found")).as("tried").isBetween(1.0, 20.0);
        assertThat(c.reads("b", "found")).isGreaterThan(60);
    }

    @Test
    void aStaleHintIsAMissAndNotAskedAgain() {
        ThrottledTier ofA = host();
        Server a = new Server("a", ofA);
        a.ask("before", LONG);
        ofA.forget(keys -> keys.subList(3, keys.size()).clear());
        Server b = new Server("b", host());
        assertThat(b.cached("after", LONG)).isEqualTo(3 * 16);
        assertThat(b.reads("a", "found")).isEqualTo(3);
        assertThat(b.reads("a", "absent")).isBetween(1.0, 7.0);
        assertThat(b.bench.counter("cairn:peer_avoided_total{a}")).isZero();
    }

    @Test
    void aPeerInTroubleIsAvoidedAndAnotherHolderAsked() {
        for (Fate fate : List.of(Fate.FAILS, Fate.REFUSES, Fate.FLIPPED)) {
            SimulatedFleet.Node bad = peerWithLong("bad " + fate).node;
            bad.transport().fate(_ -> fate);
            Server asks = new Server("asks " + fate, host());
            assertThat(asks.cached("alone", LONG)).as("computed, %s", fate).isZero();
            assertThat(asks.bench.counter("cairn:peer_avoided_total{%s}".formatted(bad.id())))
                    .isEqualTo(1);
            Server good = peerWithLong("good " + fate);
            Server other = new Server("other " + fate, host());
            assertThat(other.cached("with a second holder", LONG)).isEqualTo(159);
            fleet.leave(bad.id());
            fleet.leave(good.node.id());
            fleet.leave(asks.node.id());
            fleet.leave(other.node.id());
        }
    }

    private Server peerWithLong(String id) {
        Server server = new Server(id, host());
        server.ask("fill", LONG);
        return server;
    }

    @Test
    void aPeerThatWasAvoidedIsTriedAgain() {
        Server a = new Server("a", host());
        a.ask("before", LONG);
        a.ask("before", OTHER);
        Server b = new Server("b", host());
        a.node.transport().fate(_ -> Fate.FAILS);
        assertThat(b.cached("fails", LONG)).isZero();
        a.node.transport().fate(_ -> Fate.GOOD);
        assertThat(b.cached("avoided", Ask.prompt(1, 150))).isNotZero();
        assertThat(b.reads("a", "found")).isZero();
        driver.runUntil(driver.nanos() + 2 * SECOND);
        assertThat(b.cached("tried again", OTHER)).isEqualTo(159);
    }

    @Test
    void aPeerThatStallsCostsTheDeadlineOnce() {
        Server a = new Server("a", host());
        a.ask("before", LONG);
        a.ask("before", OTHER);
        a.node.transport().fate(_ -> Fate.STALLS);
        Server b = new Server("b", host());
        long begin = driver.nanos();
        Heard heard = new Heard(new Ask("first", LONG).maxTokens(4).request());
        b.bench.begin(heard);
        while (!heard.isOver()) {
            driver.runOne();
        }
        assertThat(heard.ids()).isEqualTo(cold(LONG));
        assertThat(driver.nanos() - begin).isBetween(SECOND, 2 * SECOND);
        b.bench.finish();
        begin = driver.nanos();
        assertThat(b.cached("second", OTHER)).isZero();
        assertThat(driver.nanos() - begin).isLessThan(SECOND / 2);
    }

    @Test
    void aMemberThatIsGoneIsNotAsked() {
        Server a = new Server("a", host());
        a.ask("before", LONG);
        Server b = new Server("b", host());
        fleet.leave("a");
        assertThat(b.cached("after", LONG)).isZero();
        assertThat(b.reads("a", "failed")).isZero();
    }

    @Test
    void tenantsShareNothingAcrossPeers() {
        Server a = new Server("a", host());
        a.bench.run(new Ask("before", LONG).maxTokens(4).tenant("one"));
        Server b = new Server("b", host());
        Heard other = b.bench.run(new Ask("after", LONG).maxTokens(4).tenant("two"));
        assertThat(other.usage().cachedTokens()).isZero();
        Heard own = b.bench.run(new Ask("own", LONG).maxTokens(4).tenant("one"));
        assertThat(own.usage().cachedTokens()).isEqualTo(159);
        assertThat(b.reads("a", "found")).isEqualTo(10);
    }
}
