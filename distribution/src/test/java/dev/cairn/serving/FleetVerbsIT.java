package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.serving.FleetServer.Said;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verbs of {@code cairn cache} that concern another member, in a fleet of two processes. */
class FleetVerbsIT {

    private static final int PROMPT = 320;
    private static final int BLOCKS = PROMPT / 16;
    private static final List<String> HOST =
            List.of("--set", "cairn.cache.tiers=host", "--set", "cairn.cache.device.size=6MiB");

    private final Random random = new Random(5);
    private final List<FleetServer> servers = new ArrayList<>();
    private FleetServer here;
    private FleetServer there;

    @BeforeEach
    void start() throws Exception {
        List<Integer> ports = FleetServer.freePorts(2);
        for (int i = 0; i < 2; i++) {
            servers.add(FleetServer.start(i, ports, HOST));
        }
        here = servers.getFirst();
        there = servers.getLast();
        FleetServer.awaitFleet(servers);
    }

    @AfterEach
    void end() {
        servers.forEach(FleetServer::close);
    }

    @Test
    void aMoveToAPeerLeavesNothingBehindAndADrainKeepsTheHits() throws Exception {
        moveToThePeer();
        drain();
    }

    private void moveToThePeer() throws Exception {
        int[] prompt = prompt();
        Said cold = here.ask(prompt);
        here.awaitOwn(BLOCKS);
        there.awaitKnown(BLOCKS);
        String peer = peerOf(prompt);
        JsonObject moved =
                CacheCommandLine.json(
                        here.process(),
                        "move",
                        "--ids",
                        ids(prompt),
                        "--from",
                        "host",
                        "--to",
                        peer);
        assertThat(number(moved, "moved")).isEqualTo(BLOCKS);
        assertThat(placesOf(here, prompt)).doesNotContain("host");
        assertThat(placesOf(there, prompt)).contains("host");
        CacheCommandLine.json(here.process(), "clear", "--tiers", "device");
        here.awaitKnown(BLOCKS);
        Said fetched = here.ask(prompt);
        assertThat(fetched.choice()).isEqualTo(cold.choice());
        assertThat(fetched.cachedTokens()).as("from the peer").isEqualTo(PROMPT - 1);
    }

    /** The other member, as places name it: whoever else holds what only that one computes. */
    private String peerOf(int[] notThere) throws Exception {
        assertThat(placesOf(there, notThere)).hasSize(1);
        int[] theirs = prompt();
        there.ask(theirs);
        there.awaitOwn(BLOCKS);
        here.awaitKnown(BLOCKS);
        return placesOf(here, theirs).stream()
                .filter(place -> place.startsWith("peer:"))
                .findFirst()
                .orElseThrow();
    }

    private void drain() throws Exception {
        List<int[]> prompts = IntStream.range(0, 6).mapToObj(_ -> prompt()).toList();
        List<Said> before = new ArrayList<>();
        for (int[] prompt : prompts) {
            here.ask(prompt);
            before.add(here.ask(prompt));
        }
        here.awaitOwn(prompts.size() * BLOCKS);
        JsonObject report = CacheCommandLine.json(here.process(), "drain");
        assertThat(number(report, "left")).isZero();
        assertThat(number(report, "handed")).isGreaterThanOrEqualTo(prompts.size() * BLOCKS);
        here.close();
        int hits = 0;
        int kept = 0;
        for (int i = 0; i < prompts.size(); i++) {
            Said after = there.ask(prompts.get(i));
            assertThat(after.choice()).isEqualTo(before.get(i).choice());
            hits += before.get(i).cachedTokens();
            kept += after.cachedTokens();
        }
        System.out.printf("cached tokens before cache drain %d, after it %d%n", hits, kept);
        assertThat((double) kept).isGreaterThanOrEqualTo(0.95 * hits);
    }

    private static Set<String> placesOf(FleetServer server, int[] prompt) {
        JsonObject found = CacheCommandLine.json(server.process(), "lookup", "--ids", ids(prompt));
        return ((JsonArray) found.member("blocks"))
                .values().stream()
                        .flatMap(
                                block ->
                                        ((JsonArray) ((JsonObject) block).member("places"))
                                                .values().stream())
                        .map(place -> ((JsonString) place).value())
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    private static long number(JsonObject parent, String name) {
        return ((JsonNumber) parent.member(name)).longValueExact();
    }

    private static String ids(int[] prompt) {
        return Arrays.stream(prompt).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }

    private int[] prompt() {
        return random.ints(PROMPT, 10, 200).toArray();
    }
}
