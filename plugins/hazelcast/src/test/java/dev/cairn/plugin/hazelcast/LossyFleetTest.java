package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Role;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Random members over a network that loses, reorders and splits: once it is quiet, everybody's
 * replica is what the others say that they hold.
 */
class LossyFleetTest {

    private static final int KEYS = 400;
    private static final List<String> TIERS = List.of("host", "disk", "device");

    /** Ticks of quiet after which nothing may differ: one to see it, the others for askers. */
    private static final int QUIET = 2;

    private static boolean nightly() {
        return "nightly".equals(System.getProperty("cairn.test.size"));
    }

    @Test
    void replicasEqualTheTruthOnceItIsQuiet() {
        long seed = RandomGenerator.getDefault().nextLong();
        int runs = nightly() ? 5000 : 200;
        System.out.printf("lossy fleet: seed %d, %d runs%n", seed, runs);
        long repairs = 0;
        for (int run = 0; run < runs; run++) {
            repairs += play(new Random(seed + run), seed + run);
        }
        System.out.printf("lossy fleet: %d repairs%n", repairs);
        assertThat(repairs).isPositive();
    }

    private static long play(Random random, long seed) {
        LossyNetwork network = new LossyNetwork(random);
        int queue = random.nextBoolean() ? 16 : 1 << 12;
        int members = 2 + random.nextInt(3);
        for (int i = 0; i < members; i++) {
            describe(network.join(4096, queue), false);
        }
        network.lose(random.nextDouble() * 0.5);
        for (int step = random.nextInt(200); step > 0; step--) {
            step(random, network, queue);
        }
        network.heal();
        network.lose(0);
        settle(network, QUIET);
        for (LossyNetwork.Node node : network.nodes()) {
            assertThat(told(node)).as("seed %d, %s", seed, node.id()).isEqualTo(said(network));
            for (int number = 0; number < KEYS; number++) {
                var key = Blocks.key(number);
                assertThat(node.holders(key))
                        .as("seed %d, %s of block %d", seed, node.id(), number)
                        .isEqualTo(node.expected(key));
            }
        }
        return network.nodes().stream().mapToLong(node -> node.replicas().repairs()).sum();
    }

    private static void step(Random random, LossyNetwork network, int queue) {
        List<LossyNetwork.Node> nodes = network.nodes();
        LossyNetwork.Node node = nodes.get(random.nextInt(nodes.size()));
        String tier = TIERS.get(random.nextInt(TIERS.size()));
        switch (random.nextInt(24)) {
            case 0 -> network.split(List.of(node));
            case 1 -> network.split(nodes.subList(0, nodes.size() / 2));
            case 2, 3 -> network.heal();
            case 4 -> {
                if (nodes.size() > 2) {
                    network.kill(node);
                }
            }
            case 5 -> {
                if (nodes.size() < 6) {
                    describe(network.join(4096, queue), false);
                }
            }
            case 6 -> describe(node, random.nextBoolean());
            case 7, 8 -> node.tick();
            case 9, 10, 11, 12, 13, 14 -> node.announce(Blocks.some(random, 60, KEYS), tier);
            case 15, 16, 17, 18 -> node.withdraw(Blocks.some(random, 60, KEYS), tier);
            default -> network.deliver(random.nextInt(20));
        }
    }

    private static void describe(LossyNetwork.Node node, boolean draining) {
        Member self = node.roll().own().member();
        node.describe(
                new Member(
                        self.id(),
                        Role.DECODE,
                        "127.0.0.1:" + node.roll().own().revision(),
                        Map.of("tcp", "127.0.0.1:1"),
                        Set.of("model"),
                        draining,
                        Map.of()));
    }

    private static Set<Member> told(LossyNetwork.Node node) {
        return Set.copyOf(node.roll().members());
    }

    private static Set<Member> said(LossyNetwork network) {
        return network.nodes().stream()
                .map(node -> node.roll().own().member())
                .collect(Collectors.toSet());
    }

    @Test
    void whoLeavesIsForgottenAtOnceAndLateWordsDoNotBringItBack() {
        LossyNetwork network = new LossyNetwork(new Random(1));
        var stays = network.join(1024, 1024);
        var leaves = network.join(1024, 1024);
        describe(stays, false);
        describe(leaves, false);
        leaves.announce(Blocks.range(0, 100), "host");
        network.settle();
        assertThat(stays.holders(Blocks.key(7))).isEqualTo(stays.expected(Blocks.key(7)));

        leaves.leave();
        network.deliver(Integer.MAX_VALUE);
        leaves.tick();
        leaves.announce(Blocks.range(100, 200), "host");
        network.settle();

        assertThat(stays.holders(Blocks.key(7))).isEmpty();
        assertThat(stays.holders(Blocks.key(107))).isEmpty();
        assertThat(stays.roll().members()).containsExactly(stays.roll().own().member());
    }

    @Test
    void whoStandsStillIsForgottenUntilItGoesOn() {
        LossyNetwork network = new LossyNetwork(new Random(4));
        var first = network.join(1024, 64);
        var second = network.join(1024, 64);
        var third = network.join(1024, 64);
        network.nodes().forEach(node -> describe(node, false));
        network.nodes().forEach(node -> node.announce(Blocks.range(0, 50), "host"));
        settle(network, QUIET);
        second.stop();
        settle(network, 12);
        assertThat(first.roll().members())
                .containsExactlyInAnyOrder(
                        first.roll().own().member(), third.roll().own().member());
        assertThat(first.holders(Blocks.key(3))).isEqualTo(third.says(Blocks.key(3)));
        first.withdraw(Blocks.range(0, 30), "host");

        second.goOn();
        settle(network, QUIET);
        for (LossyNetwork.Node node : network.nodes()) {
            assertThat(told(node)).isEqualTo(said(network));
            for (int number = 0; number < 50; number++) {
                assertThat(node.holders(Blocks.key(number)))
                        .isEqualTo(node.expected(Blocks.key(number)));
            }
        }
    }

    private static void settle(LossyNetwork network, int ticks) {
        for (int tick = 0; tick < ticks; tick++) {
            network.settle();
        }
    }

    /** Somebody's queue was full just then. */
    @Test
    void whoIsNeverAnsweredAsksAgain() {
        LossyNetwork network = new LossyNetwork(new Random(3));
        var asks = network.join(1024, 16);
        var answers = network.join(1024, 16);
        network.swallow(1);
        answers.announce(Blocks.range(0, 100), "host");
        network.settle();
        network.swallow(0);
        settle(network, 30);
        for (int number = 0; number < 100; number++) {
            assertThat(asks.holders(Blocks.key(number)))
                    .isEqualTo(asks.expected(Blocks.key(number)))
                    .isNotEmpty();
        }
    }

    @Test
    void whereThereIsNoRoomForAllTheRestIsRight() {
        LossyNetwork network = new LossyNetwork(new Random(2));
        var small = network.join(1024, 1 << 12);
        var large = network.join(1 << 16, 1 << 12);
        large.announce(Blocks.range(0, 3000), "host");
        network.settle();
        network.settle();
        long known =
                Blocks.range(0, 3000).stream().filter(key -> !small.holders(key).isEmpty()).count();
        assertThat(known).isEqualTo(1024);

        large.withdraw(Blocks.range(0, 2500), "host");
        settle(network, 70);
        for (int number = 0; number < 3000; number++) {
            assertThat(small.holders(Blocks.key(number)))
                    .isEqualTo(small.expected(Blocks.key(number)));
        }
    }
}
