package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.serving.FleetServer.Said;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members of a fleet answer from each other's blocks, to the last bit of log-probabilities as they
 * do alone; any of them may be stopped, killed or drained, and then answers are computed or come
 * from those that stay.
 */
class PeerServingIT {

    private static final int PROMPT = 608;
    private static final int BLOCK = 16;
    private static final List<String> HOST =
            List.of("--set", "cairn.cache.tiers=host", "--set", "cairn.cache.device.size=6MiB");

    private final Random random = new Random(11);
    private final List<FleetServer> servers = new ArrayList<>();

    @TempDir private Path folder;

    @AfterEach
    void end() {
        servers.forEach(FleetServer::close);
    }

    @Test
    void anyMemberMayBeStoppedKilledOrDrained() throws Exception {
        List<Integer> ports = FleetServer.freePorts(3);
        List<String> keys = new ArrayList<>(HOST);
        keys.addAll(List.of("--set", "cairn.http.api-keys=red,blue"));
        FleetServer a = start(0, ports, keys);
        FleetServer b = start(1, ports, keys);
        FleetServer c = start(2, ports, keys);
        tenantsShareNothing(a, b);
        stopAndGoOn(a, b);
        killInTheMiddle(a, c);
        assertPulled(c, b, prompt());
        drain(c, b);
    }

    private void tenantsShareNothing(FleetServer a, FleetServer b) throws Exception {
        int[] prompt = prompt();
        Said red = computeOn(a, prompt);
        Said blue = b.ask(prompt, "blue");
        assertThat(blue.cachedTokens()).as("the same prompt of another tenant").isZero();
        assertThat(blue.choice()).isEqualTo(red.choice());
        assertThat(b.metric("cairn:peer_reads_total")).isZero();
        Said redAgain = b.ask(prompt, "red");
        assertThat(redAgain.cachedTokens()).isEqualTo(PROMPT - 1);
        assertThat(redAgain.computedTokens()).isEqualTo(1 + 11);
        assertThat(redAgain.choice()).isEqualTo(red.choice());
        assertThat(found(b)).isEqualTo(PROMPT / BLOCK);
    }

    /** Whatever of it had come when the member stopped. */
    private void stopAndGoOn(FleetServer stopped, FleetServer asks) throws Exception {
        int[] prompt = prompt();
        Said cold = computeOn(stopped, prompt);
        CompletableFuture<Said> asked = whileAsking(asks, prompt);
        stopped.process().signal("STOP");
        assertThat(asked.join().choice()).isEqualTo(cold.choice());
        Said meanwhile = ask(asks, prompt());
        assertThat(meanwhile.cachedTokens()).isZero();
        stopped.process().signal("CONT");
    }

    private void killInTheMiddle(FleetServer killed, FleetServer asks) throws Exception {
        int[] prompt = prompt();
        Said cold = computeOn(killed, prompt);
        CompletableFuture<Said> asked = whileAsking(asks, prompt);
        killed.process().signal("KILL");
        servers.remove(killed);
        assertThat(asked.join().choice()).isEqualTo(cold.choice());
        assertThat(ask(asks, prompt).choice()).isEqualTo(cold.choice());
    }

    private CompletableFuture<Said> whileAsking(FleetServer asks, int[] prompt) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return ask(asks, prompt);
                    } catch (Exception failed) {
                        throw new AssertionError(failed);
                    }
                });
    }

    private void assertPulled(FleetServer holds, FleetServer asks, int[] prompt) throws Exception {
        Said cold = computeOn(holds, prompt);
        double before = found(asks);
        Said warm = ask(asks, prompt);
        assertThat(warm.choice()).isEqualTo(cold.choice());
        assertThat(warm.cachedTokens()).isEqualTo(PROMPT - 1);
        assertThat(found(asks) - before).isEqualTo(PROMPT / BLOCK);
    }

    /** What only the drained member held comes from the one that stays. */
    private void drain(FleetServer drained, FleetServer stays) throws Exception {
        List<int[]> prompts = IntStream.range(0, 6).mapToObj(_ -> prompt()).toList();
        List<Said> before = new ArrayList<>();
        for (int[] prompt : prompts) {
            ask(drained, prompt);
            before.add(ask(drained, prompt));
        }
        CairnProcess.Ended ended = drained.process().terminate();
        servers.remove(drained);
        int cached = 0;
        for (int i = 0; i < prompts.size(); i++) {
            Said after = ask(stays, prompts.get(i));
            assertThat(after.choice()).isEqualTo(before.get(i).choice());
            cached += after.cachedTokens();
        }
        int hits = before.stream().mapToInt(Said::cachedTokens).sum();
        System.out.printf("cached tokens before the drain %d, after it %d%n", hits, cached);
        assertThat((double) cached).as(ended.err()).isGreaterThanOrEqualTo(0.95 * hits);
        assertThat(stays.metric("cairn:peer_taken_blocks_total{outcome=\"taken\"}")).isPositive();
    }

    /** A member without tiers lends what lies in its device, and gets none the worse for it. */
    @Test
    void whatOnlyADeviceHoldsIsPulledToo() throws Exception {
        List<Integer> ports = FleetServer.freePorts(2);
        FleetServer holds = start(0, ports, List.of("--set", "cairn.cache.device.size=6MiB"));
        FleetServer asks = start(1, ports, HOST);
        assertPulled(holds, asks, prompt());
        assertThat(
                        holds.metric(
                                "cairn:peer_served_blocks_total{tier=\"device\",outcome=\"found\"}"))
                .isEqualTo(PROMPT / BLOCK);
    }

    /** On a model whose layers see windows, and others that see everything. */
    @Test
    void aPrefixComesPartlyFromTheDiskPartlyFromAPeer() throws Exception {
        List<Integer> ports = FleetServer.freePorts(2);
        List<String> model =
                new ArrayList<>(
                        List.of(
                                "--model",
                                CairnProcess.tinyModel()
                                        .resolveSibling("gemma3-local-global")
                                        .toString(),
                                "--set",
                                "cairn.cache.device.size=1MiB"));
        List<String> disk = new ArrayList<>(model);
        disk.addAll(
                List.of(
                        "--set",
                        "cairn.cache.tiers=disk",
                        "--set",
                        "cairn.cache.disk.size=256MiB",
                        "--set",
                        "cairn.cache.disk.path=" + folder));
        model.addAll(List.of("--set", "cairn.cache.tiers=host"));
        int[] prompt = prompt();
        int[] half = IntStream.of(prompt).limit(PROMPT / 2).toArray();
        FleetServer b = start(1, ports, disk);
        ask(b, half);
        b.process().terminate();
        servers.remove(b);
        FleetServer a = start(0, ports, model);
        Said cold = computeOn(a, prompt);
        FleetServer again = start(1, ports, disk);
        FleetServer.awaitFleet(servers);
        again.awaitKnown(a.ownBlocks());
        Said warm = ask(again, prompt);
        assertThat(warm.choice()).isEqualTo(cold.choice());
        assertThat(warm.cachedTokens()).isEqualTo(PROMPT - 1);
        assertThat(again.metric("cairn:tier_reads_total{tier=\"disk\",outcome=\"found\"}"))
                .isPositive();
        assertThat(found(again)).isPositive();
        int[] other = prompt.clone();
        other[PROMPT - 100] = 9;
        Said tail = ask(again, other);
        assertThat(tail.cachedTokens()).isEqualTo((PROMPT - 100) / BLOCK * BLOCK);
        assertThat(tail.choice()).isEqualTo(ask(a, other).choice());
    }

    private FleetServer start(int index, List<Integer> ports, List<String> arguments)
            throws Exception {
        FleetServer server = FleetServer.start(index, ports, arguments);
        servers.add(server);
        return server;
    }

    private static Said ask(FleetServer server, int[] prompt) throws Exception {
        return server.ask(prompt, "red");
    }

    /** Computes a prompt that nobody has seen, until all members know that its blocks are there. */
    private Said computeOn(FleetServer server, int[] prompt) throws Exception {
        FleetServer.awaitFleet(servers);
        double own = server.ownBlocks();
        Map<FleetServer, Double> known = new LinkedHashMap<>();
        servers.forEach(each -> known.put(each, each.knownBlocks()));
        known.remove(server);
        Said computed = ask(server, prompt);
        assertThat(computed.cachedTokens()).isZero();
        server.awaitOwn(own + PROMPT / BLOCK);
        known.forEach((each, before) -> each.awaitKnown(before + PROMPT / BLOCK));
        return computed;
    }

    private static double found(FleetServer server) throws Exception {
        return server.metric("cairn:tier_reads_total{tier=\"peer\",outcome=\"found\"}");
    }

    private int[] prompt() {
        return random.ints(PROMPT, 10, 200).toArray();
    }
}
