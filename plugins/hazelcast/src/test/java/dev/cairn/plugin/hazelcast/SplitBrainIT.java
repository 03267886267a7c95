package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.fleet.Member;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Four members over real sockets, cut into two and two while blocks come and go on both sides. A
 * few seconds here; the nightly build cuts for a minute, and processes as well (FleetProcessesIT).
 */
class SplitBrainIT {

    private static final int MEMBERS = 4;
    private static final int BLOCKS = 5000;
    private static final List<String> TIERS = List.of("host", "disk");

    private final List<TestMember> members = new ArrayList<>();
    private SplittableNetwork network;

    private static boolean nightly() {
        return "nightly".equals(System.getProperty("cairn.test.size"));
    }

    @AfterEach
    void close() {
        members.forEach(TestMember::close);
        network.close();
    }

    @Test
    void afterASplitTheDirectoryIsWhatMembersHold() throws IOException {
        long seed = RandomGenerator.getDefault().nextLong();
        Random random = new Random(seed);
        long splitSeconds = nightly() ? 60 : 3;
        System.out.printf("split brain: seed %d, %d s%n", seed, splitSeconds);
        network = new SplittableNetwork(MEMBERS);
        for (int i = 0; i < MEMBERS; i++) {
            Map<String, String> settings = new HashMap<>(network.settings(i));
            settings.put("heartbeat", "2000");
            members.add(TestMember.open(settings).describe(false, "model-" + i));
        }
        Patience.until("all see all", () -> everybodySees(MEMBERS));
        for (int i = 0; i < 200; i++) {
            change(random);
        }
        Patience.until("all know everything", this::replicasEqualTruth);

        network.split(Set.of(0, 1), Set.of(2, 3));
        report("the halves see themselves", Patience.until("halves", () -> everybodySees(2)));
        assertThat(members.getFirst().membership().members())
                .containsExactlyInAnyOrder(self(0), self(1));
        assertThat(members.getLast().membership().members())
                .containsExactlyInAnyOrder(self(2), self(3));
        assertThat(heldBy(1).containsAll(knownTo(0))).as("0 knows of 1 alone").isTrue();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(splitSeconds);
        while (System.nanoTime() < end) {
            change(random);
        }
        Patience.until("a half knows its own", () -> knownTo(3).equals(heldBy(2)));
        assertThat(Collections.disjoint(knownTo(0), heldBy(2))).as("0 knows not of 2").isTrue();

        network.heal();
        long seeing = Patience.until("all see all", () -> everybodySees(MEMBERS));
        for (int i = 0; i < 50; i++) {
            change(random);
        }
        long knowing = Patience.until("all know everything", this::replicasEqualTruth);
        report("after the cut all see all", seeing);
        report("and know everything", seeing + knowing);
    }

    private static void report(String what, long nanos) {
        System.out.printf("split brain: %s in %d ms%n", what, nanos / 1_000_000);
    }

    private void change(Random random) {
        TestMember member = members.get(random.nextInt(MEMBERS));
        List<BlockKey> keys = Blocks.some(random, 30, BLOCKS);
        String tier = TIERS.get(random.nextInt(TIERS.size()));
        if (random.nextInt(5) < 3) {
            member.announce(keys, tier);
        } else {
            member.withdraw(keys, tier);
        }
    }

    private boolean everybodySees(int count) {
        return members.stream().allMatch(member -> member.membership().members().size() == count);
    }

    private Member self(int member) {
        return members.get(member).membership().self();
    }

    private boolean replicasEqualTruth() {
        for (int member = 0; member < MEMBERS; member++) {
            Set<Known> held = new HashSet<>();
            for (int other = 0; other < MEMBERS; other++) {
                if (other != member) {
                    held.addAll(heldBy(other));
                }
            }
            if (!knownTo(member).equals(held)) {
                return false;
            }
        }
        return true;
    }

    private Set<Known> knownTo(int member) {
        Set<Known> known = new HashSet<>();
        for (int block = 0; block < BLOCKS; block++) {
            for (BlockHolder holder : members.get(member).holders(Blocks.key(block))) {
                known.add(new Known(block, holder));
            }
        }
        return known;
    }

    private Set<Known> heldBy(int member) {
        Set<Known> held = new HashSet<>();
        for (int block = 0; block < BLOCKS; block++) {
            for (BlockHolder holder : members.get(member).says(Blocks.key(block))) {
                held.add(new Known(block, holder));
            }
        }
        return held;
    }

    private record Known(int block, BlockHolder holder) {}
}
