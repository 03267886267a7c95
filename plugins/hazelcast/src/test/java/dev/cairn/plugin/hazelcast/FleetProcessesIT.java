package dev.cairn.plugin.hazelcast;

import dev.cairn.tck.Patience;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Members in processes of their own, which are killed, stopped, and in the nightly build split. */
class FleetProcessesIT {

    private static final int BLOCKS = 4000;

    private final List<RemoteMember> members = new ArrayList<>();

    private static boolean nightly() {
        return "nightly".equals(System.getProperty("cairn.test.size"));
    }

    @AfterEach
    void close() {
        members.forEach(RemoteMember::close);
    }

    @Test
    void whoIsKilledOrStoppedIsForgottenAndWhoComesBackIsKnown()
            throws IOException, InterruptedException {
        List<Integer> ports = List.of(Pair.freePort(), Pair.freePort(), Pair.freePort());
        for (int port : ports) {
            members.add(RemoteMember.start(settings(port, ports)));
        }
        awaitEverybody();
        for (int i = 0; i < members.size(); i++) {
            members.get(i).announce(i * 1000, i * 1000 + 1500, "host");
        }
        awaitTruth();

        RemoteMember killed = members.removeLast();
        killed.kill();
        report("killed, forgotten", Patience.until("it is forgotten", () -> everybodySees(2)));
        awaitTruth();

        members.add(RemoteMember.start(settings(ports.getLast(), ports)));
        awaitEverybody();
        members.getLast().announce(500, 900, "disk");
        members.getFirst().withdraw(0, 700, "host");
        awaitTruth();

        RemoteMember stopped = members.removeFirst();
        stopped.signal("STOP");
        report("stopped, forgotten", Patience.until("it is forgotten", () -> everybodySees(2)));
        awaitTruth();
        members.getFirst().announce(3000, 3500, "disk");

        stopped.signal("CONT");
        members.add(stopped);
        report("goes on, known", Patience.until("it is back", () -> everybodySees(3)));
        awaitTruth();
    }

    @Test
    void fourProcessesAgreeAfterASplit() throws IOException, InterruptedException {
        long seed = RandomGenerator.getDefault().nextLong();
        Random random = new Random(seed);
        long splitSeconds = nightly() ? 60 : 2;
        System.out.printf("split processes: seed %d, %d s%n", seed, splitSeconds);
        try (SplittableNetwork network = new SplittableNetwork(4)) {
            for (int i = 0; i < 4; i++) {
                Map<String, String> settings = new HashMap<>(network.settings(i));
                settings.put("heartbeat", "2000");
                members.add(RemoteMember.start(settings));
            }
            awaitEverybody();
            change(random);
            awaitTruth();

            network.split(Set.of(0, 1), Set.of(2, 3));
            report("halves", Patience.until("halves", () -> everybodySees(2)));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(splitSeconds);
            while (System.nanoTime() < end) {
                change(random);
            }

            network.heal();
            long seeing = Patience.until("all see all", () -> everybodySees(4));
            long knowing = awaitTruth();
            report("after the cut all see all", seeing);
            report("and know everything", seeing + knowing);
        }
    }

    private static Map<String, String> settings(int port, List<Integer> all) {
        return Map.of(
                "port",
                Integer.toString(port),
                "heartbeat",
                "2000",
                "key",
                "shared",
                "join",
                String.join(",", all.stream().map(each -> "127.0.0.1:" + each).toList()));
    }

    private void change(Random random) {
        RemoteMember member = members.get(random.nextInt(members.size()));
        int from = random.nextInt(BLOCKS - 100);
        String tier = random.nextBoolean() ? "host" : "disk";
        if (random.nextInt(5) < 3) {
            member.announce(from, from + 100, tier);
        } else {
            member.withdraw(from, from + 100, tier);
        }
    }

    private void awaitEverybody() {
        members.forEach(RemoteMember::id);
        Patience.until("all see all", () -> everybodySees(members.size()));
    }

    private boolean everybodySees(int count) {
        return members.stream().allMatch(member -> member.members() == count);
    }

    private long awaitTruth() {
        return Patience.until("all know what all hold", this::replicasEqualTruth);
    }

    private boolean replicasEqualTruth() {
        for (RemoteMember member : members) {
            List<RemoteMember> others = new ArrayList<>(members);
            others.remove(member);
            if (!member.known(0, BLOCKS).equals(RemoteMember.expected(others, 0, BLOCKS))) {
                return false;
            }
        }
        return true;
    }

    private static void report(String what, long nanos) {
        System.out.printf("processes: %s in %d ms%n", what, nanos / 1_000_000);
    }
}
