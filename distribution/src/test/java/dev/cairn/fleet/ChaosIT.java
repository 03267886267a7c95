package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.fleet.Seat.Footprint;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two routers, two workers that read prompts and two that answer, on links that are not to be
 * trusted. Workers and one router are killed and stopped at random, links are cut, stand still and
 * become slow: every request ends with the right tokens or an honest error, and at the end nothing
 * is left over.
 *
 * <p>60 s of it, 10 minutes in {@code -Pnightly}; {@code -Dcairn.chaos.seconds} and {@code
 * -Dcairn.chaos.seed} say otherwise.
 */
class ChaosIT {

    private static final boolean NIGHTLY = "nightly".equals(System.getProperty("cairn.test.size"));
    private static final long SECONDS = Long.getLong("cairn.chaos.seconds", NIGHTLY ? 600 : 60);
    private static final int CLIENTS = 4;
    private static final int A_BURST = 16;

    /** Ports that no connection is given by chance, and that are not taken. */
    private static final int FIRST_PORT = 12_000;

    private static final int PORTS = 18_000;

    /** Connections at rest, compilers and the like. */
    private static final int SOME = 12;

    private static final String[] WORKER = {
        "cairn.cache.device.size=64MiB",
        "cairn.cache.host.size=64MiB",
        "cairn.cluster.heartbeat=2s",
        "cairn.split.patience=3s",
        "cairn.shutdown.grace=5s"
    };

    private final List<Link> links = new ArrayList<>();
    private final List<Seat> workers = new ArrayList<>();
    private final List<Seat> routers = new ArrayList<>();
    private final FleetOfRoles fleet;
    private final Random random;

    ChaosIT() throws Exception {
        long seed = Long.getLong("cairn.chaos.seed", System.nanoTime() & 0xffff);
        System.out.println("ChaosIT: seed " + seed);
        this.random = new Random(seed);
        this.fleet = new FleetOfRoles();
    }

    @AfterEach
    void end() throws IOException {
        fleet.close();
        for (Link link : links) {
            link.close();
        }
    }

    private int port() throws IOException {
        while (true) {
            int port = FIRST_PORT + random.nextInt(PORTS);
            try (var one = new ServerSocket(port);
                    var other = new ServerSocket(0, 1, InetAddress.getByName(Link.HOST))) {
                return port;
            } catch (IOException taken) {
                // Another one, then.
            }
        }
    }

    private Link link(int port) throws IOException {
        Link link = new Link(port);
        links.add(link);
        return link;
    }

    /** A worker that is reached over links, by routers and by other workers. */
    private Seat worker(String role, int member, String join, boolean sharesMemory)
            throws IOException {
        int port = port();
        int blocks = port();
        link(port);
        link(blocks);
        List<String> settings = new ArrayList<>(List.of(WORKER));
        settings.add("cairn.transport.kv.port=" + blocks);
        settings.add("cairn.transport.kv.advertised-host=" + Link.HOST);
        if (!sharesMemory) {
            settings.add("cairn.transport.kv.shared-memory=off");
        }
        Seat seat =
                new Seat(
                        role + " " + port,
                        fleet,
                        port,
                        List.of(
                                "--role",
                                role,
                                "--cluster-port",
                                Integer.toString(member),
                                "--join",
                                join),
                        settings.toArray(String[]::new));
        workers.add(seat.begin());
        return seat;
    }

    private void begin() throws IOException {
        int[] members = {port(), port(), port(), port()};
        String join = "";
        for (int member : members) {
            join += (join.isEmpty() ? "" : ",") + "127.0.0.1:" + member;
        }
        worker("prefill", members[0], join, true);
        worker("prefill", members[1], join, false);
        worker("decode", members[2], join, true);
        worker("decode", members[3], join, false);
        String addresses =
                String.join(
                        ",", workers.stream().map(seat -> Link.HOST + ":" + seat.port()).toList());
        for (int i = 0; i < 2; i++) {
            int port = port();
            Seat router =
                    new Seat(
                            "router " + port,
                            fleet,
                            port,
                            List.of("--role", "router"),
                            "cairn.workers=" + addresses);
            routers.add(router.begin());
        }
    }

    private List<Seat> all() {
        List<Seat> all = new ArrayList<>(workers);
        all.addAll(routers);
        return all;
    }

    @Test
    void everyRequestEndsAsItShouldAndNothingIsLeftOver() throws Exception {
        begin();
        Seat reference = new Seat("reference", fleet, 0, List.of("--role", "all"), WORKER).begin();
        burst(reference);
        quiet();
        System.out.println("ChaosIT: chaos begins");
        Map<Seat, Footprint> before = footprints();
        Customers customers = new Customers(fleet, reference, routers);
        Chaos chaos = new Chaos(random);
        workers.forEach(chaos::befall);
        chaos.befall(routers.getLast());
        links.forEach(chaos::befall);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        customers.ask(CLIENTS, random, () -> System.nanoTime() - end < 0);
        System.out.println("ChaosIT: chaos ends");
        chaos.end();
        System.out.printf(
                "ChaosIT: %d kills, %d stops, %d troubles of links, migrations of the routers that"
                        + " live: %.0f; requests: %s%n",
                all().stream().mapToInt(Seat::kills).sum(),
                all().stream().mapToInt(Seat::stops).sum(),
                chaos.troubles(),
                migrations(),
                customers.outcomes());
        assertThat(customers.complaints()).isEmpty();
        int asked = customers.outcomes().values().stream().mapToInt(Integer::intValue).sum();
        assertThat(customers.answered()).isGreaterThan(asked / 3);
        assertThat(migrations()).isPositive();
        burst(reference);
        quiet();
        nothingMore(before);
    }

    private double migrations() {
        return routers.stream()
                .mapToDouble(seat -> fleet.metric(seat.process(), "cairn:migrations_total"))
                .sum();
    }

    /** Whatever is asked of a fleet that is whole is answered, by either router. */
    private void burst(Seat reference) throws Exception {
        for (Seat router : routers) {
            fleet.awaitWorkers(router.process(), 2);
        }
        Customers customers = new Customers(fleet, reference, routers);
        AtomicInteger left = new AtomicInteger(A_BURST);
        customers.ask(CLIENTS, random, () -> left.getAndDecrement() > 0);
        assertThat(customers.complaints()).isEmpty();
        assertThat(customers.outcomes().keySet()).isSubsetOf("right", "left early");
    }

    /** Nothing is asked any more, and in time nothing is held for anybody. */
    private void quiet() throws Exception {
        for (Seat seat : all()) {
            Map<String, Double> last = new LinkedHashMap<>();
            try {
                Patience.until(
                        "nothing is left",
                        () -> {
                            last.clear();
                            last.putAll(seat.busyWith());
                            return last.isEmpty();
                        });
            } catch (AssertionError left) {
                throw new AssertionError(seat + " has left over: " + last, left);
            }
            assertThat(seat.waitingThreads()).as("threads of %s", seat).isEmpty();
        }
    }

    private Map<Seat, Footprint> footprints() {
        Map<Seat, Footprint> all = new LinkedHashMap<>();
        all().forEach(seat -> all.put(seat, seat.footprint()));
        return all;
    }

    /** Idle threads of pools (Hazelcast keeps its own for a minute) end in time. */
    private void nothingMore(Map<Seat, Footprint> before) {
        Map<Seat, Footprint> after = new LinkedHashMap<>();
        try {
            Patience.until(
                    "no more descriptors and threads than before",
                    () -> {
                        after.putAll(footprints());
                        return after.entrySet().stream()
                                .allMatch(
                                        each ->
                                                each.getValue()
                                                        .isWithin(before.get(each.getKey()), SOME));
                    });
        } finally {
            after.forEach(
                    (seat, now) ->
                            System.out.printf(
                                    "ChaosIT: %s: %s -> %s%n", seat, before.get(seat), now));
        }
    }
}
