package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** A {@code cairn serve} in a process of its own, which is a member of a fleet on this machine. */
final class FleetServer implements AutoCloseable {

    /** Long enough for a loaded machine; nothing is measured by it. */
    private static final long PATIENCE_SECONDS = 120;

    private final HttpClient client = HttpClient.newHttpClient();
    private final CairnProcess process;

    private FleetServer(CairnProcess process) {
        this.process = process;
    }

    /** Ports that were free a moment ago. */
    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0);
                sockets.add(socket);
                ports.add(socket.getLocalPort());
            }
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
        return ports;
    }

    /**
     * Starts and joins.
     *
     * @param index of the own port
     * @param ports of all members
     */
    static FleetServer start(int index, List<Integer> ports, List<String> arguments)
            throws IOException {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(
                List.of(
                        "--cluster-port",
                        ports.get(index).toString(),
                        "--join",
                        ports.stream()
                                .map(port -> "127.0.0.1:" + port)
                                .collect(Collectors.joining(","))));
        for (String setting :
                List.of(
                        "cairn.max-model-len=1000",
                        "cairn.max-num-seqs=4",
                        "cairn.cluster.heartbeat=2s",
                        "cairn.cache.fetch=always",
                        "cairn.cache.host.size=64MiB")) {
            all.addAll(List.of("--set", setting));
        }
        return new FleetServer(
                CairnProcess.serve(CairnProcess.assembled(), all.toArray(String[]::new)));
    }

    CairnProcess process() {
        return process;
    }

    Said ask(int[] prompt) throws Exception {
        return ask(prompt, "");
    }

    /**
     * @param key of the tenant; empty = none
     */
    Said ask(int[] prompt, String key) throws Exception {
        String ids =
                Arrays.stream(prompt).mapToObj(Integer::toString).collect(Collectors.joining(","));
        String body =
                ("{\"prompt\": [%s], \"max_tokens\": 12, \"temperature\": 0, \"logprobs\": 3,"
                                + " \"ignore_eos\": true}")
                        .formatted(ids);
        double computed = metric("cairn:computed_tokens_total");
        HttpResponse<String> response =
                client.send(
                        HttpRequest.newBuilder(process.url().resolve("/v1/completions"))
                                .header("Content-Type", "application/json")
                                .header("Authorization", "Bearer " + key)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        Map<String, JsonValue> answer = members(JsonReader.read(response.body()));
        JsonValue details = members(answer.get("usage")).get("prompt_tokens_details");
        JsonNumber cached = (JsonNumber) members(details).get("cached_tokens");
        return new Said(
                JsonWriter.write(answer.get("choices")),
                Math.toIntExact(cached.longValueExact()),
                Math.round(metric("cairn:computed_tokens_total") - computed));
    }

    private static Map<String, JsonValue> members(JsonValue object) {
        return ((JsonObject) object).members();
    }

    /** Sum of all series that begin so; 0 if there is none. */
    double metric(String series) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(process.url().resolve("/metrics"))
                                .header("Authorization", "Bearer red")
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Waits until all of these, and nobody else, are members of one fleet. */
    static void awaitFleet(List<FleetServer> all) {
        await(
                "a fleet of " + all.size(),
                () ->
                        all.stream()
                                .allMatch(
                                        each -> each.known("cairn:cluster_members") == all.size()));
    }

    /** Blocks of its tiers that the others may know of. */
    double ownBlocks() {
        return known("cairn:directory_own_blocks");
    }

    /** Different blocks of the others that it knows of. */
    double knownBlocks() {
        return known("cairn:directory_remote_blocks");
    }

    /** Waits until it holds so many blocks at least. */
    void awaitOwn(double blocks) {
        await("blocks here", () -> ownBlocks() >= blocks);
    }

    /** Waits until it knows of so many different blocks of others at least. */
    void awaitKnown(double blocks) {
        await("blocks that are known", () -> knownBlocks() >= blocks);
    }

    private double known(String series) {
        try {
            return metric(series);
        } catch (Exception gone) {
            throw new AssertionError(series, gone);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not after %d s: %s".formatted(PATIENCE_SECONDS, what));
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        process.close();
    }

    /**
     * @param choice text, tokens and log-probabilities as JSON
     * @param cachedTokens of the prompt, by the answer itself
     * @param computedTokens for this answer, by the engine's counter
     */
    record Said(String choice, int cachedTokens, long computedTokens) {}
}
