package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Blocks outlive the device and the process: an answer is the same, to the last bit of its
 * log-probabilities, whether its prompt was computed, or came from host memory, or from the disk
 * after a restart. What a tier holds that is wrong in itself, a canary finds.
 */
class TieredServingIT {

    private static final int PROMPT = 608;
    private static final String DISK_SIZE = "256MiB";

    /** Each is a request: the canary needs far fewer. */
    private static final int MOST_LOOKS = 20_000;

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir private Path folder;

    @Test
    void theBundledModelAnswersTheSameFromEveryTier() throws Exception {
        assertSameFromEveryTier("6MiB", List.of());
    }

    @Test
    void aModelOfWindowsAnswersTheSameFromEveryTier() throws Exception {
        Path model = CairnProcess.tinyModel().resolveSibling("gemma3-local-global");
        assertSameFromEveryTier("1MiB", List.of("--model", model.toString()));
    }

    private void assertSameFromEveryTier(String device, List<String> model) throws Exception {
        Random random = new Random(7);
        int[] prompt = random.ints(PROMPT, 10, 200).toArray();
        String cold;
        try (CairnProcess cairn = serve(device, model, "host,disk")) {
            Said computed = ask(cairn, prompt);
            assertThat(computed.cachedTokens()).isZero();
            cold = computed.choice();
            evict(cairn, random);
            Said fromHost = ask(cairn, prompt);
            assertThat(fromHost.choice()).isEqualTo(cold);
            assertThat(fromHost.cachedTokens()).isEqualTo(PROMPT - 1);
            assertThat(metric(cairn, "cairn:tier_reads_total{tier=\"host\",outcome=\"found\"}"))
                    .isPositive();
            cairn.terminate();
        }
        try (CairnProcess cairn = serve(device, model, "disk")) {
            Said fromDisk = ask(cairn, prompt);
            assertThat(fromDisk.choice()).isEqualTo(cold);
            assertThat(fromDisk.cachedTokens()).isEqualTo(PROMPT - 1);
            // Half of it is known, the other half is computed.
            int[] other = prompt.clone();
            other[PROMPT / 2] = 9;
            assertThat(ask(cairn, other).cachedTokens()).isEqualTo(PROMPT / 2 / 16 * 16);
            cairn.terminate();
        }
    }

    /** Checksums are made of what is stored, and so cannot see that it is laid out wrongly. */
    @Test
    void headsThatChangedPlacesUnderValidChecksumsAreCaughtByTheCanary() throws Exception {
        int[] prompt = new Random(8).ints(PROMPT, 10, 200).toArray();
        String cold;
        try (CairnProcess cairn = serve("6MiB", List.of(), "disk")) {
            cold = ask(cairn, prompt).choice();
            cairn.terminate();
        }
        assertThat(SwappedHeads.in(folder, DISK_SIZE)).isGreaterThanOrEqualTo(PROMPT / 16);
        List<String> watched = List.of("--set", "cairn.cache.canary=1");
        try (CairnProcess cairn = serve("6MiB", watched, "disk")) {
            Said wrong = ask(cairn, prompt);
            assertThat(wrong.cachedTokens()).isEqualTo(PROMPT - 1);
            assertThat(wrong.choice()).as("nobody can see it yet").isNotEqualTo(cold);
            for (int looks = 0; looks < MOST_LOOKS && !isQuarantined(cairn); looks++) {
                Thread.onSpinWait();
            }
            assertThat(isQuarantined(cairn)).isTrue();
            Said again = ask(cairn, prompt);
            assertThat(again.choice()).isEqualTo(cold);
            assertThat(again.cachedTokens()).isZero();
            cairn.terminate();
        }
    }

    private boolean isQuarantined(CairnProcess cairn) throws Exception {
        return metric(cairn, "cairn:tier_quarantined{tier=\"disk\"}") == 1;
    }

    private CairnProcess serve(String device, List<String> model, String tiers) throws IOException {
        List<String> arguments = new ArrayList<>(model);
        for (String setting :
                List.of(
                        "cairn.max-model-len=1000",
                        "cairn.max-num-seqs=4",
                        "cairn.cache.device.size=" + device,
                        "cairn.cache.tiers=" + tiers,
                        "cairn.cache.fetch=always",
                        "cairn.cache.host.size=64MiB",
                        "cairn.cache.disk.size=" + DISK_SIZE,
                        "cairn.cache.disk.path=" + folder)) {
            arguments.addAll(List.of("--set", setting));
        }
        return CairnProcess.serve(CairnProcess.assembled(), arguments.toArray(String[]::new));
    }

    /** Other prompts need the device's blocks. */
    private void evict(CairnProcess cairn, Random random) throws Exception {
        for (int i = 0; i < 8; i++) {
            ask(cairn, random.ints(900, 10, 200).toArray());
        }
    }

    private Said ask(CairnProcess cairn, int[] prompt) throws Exception {
        String ids =
                Arrays.stream(prompt).mapToObj(Integer::toString).collect(Collectors.joining(","));
        String body =
                "{\"prompt\": [%s], \"max_tokens\": 12, \"temperature\": 0, \"logprobs\": 3, \"ignore_eos\": true}"
                        .formatted(ids);
        HttpResponse<String> response =
                client.send(
                        HttpRequest.newBuilder(cairn.url().resolve("/v1/completions"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        Map<String, JsonValue> answer = members(JsonReader.read(response.body()));
        JsonValue details = members(answer.get("usage")).get("prompt_tokens_details");
        JsonNumber cached = (JsonNumber) members(details).get("cached_tokens");
        return new Said(
                JsonWriter.write(answer.get("choices")), Math.toIntExact(cached.longValueExact()));
    }

    private static Map<String, JsonValue> members(JsonValue object) {
        return ((JsonObject) object).members();
    }

    private double metric(CairnProcess cairn, String series) throws Exception {
        String metrics =
                client.send(
                                HttpRequest.newBuilder(cairn.url().resolve("/metrics")).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        return metrics.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + series + " in\n" + metrics));
    }

    /**
     * @param choice text, tokens and log-probabilities as JSON
     */
    private record Said(String choice, int cachedTokens) {}
}
