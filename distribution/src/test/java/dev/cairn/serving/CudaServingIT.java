package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The whole way of a request, from HTTP to the device, on the stand-in: the answers are the CPU
 * engine's, cold, from the prefix cache and from the host tier.
 */
class CudaServingIT {

    private static final int PROMPT = 208;
    private static final int EVICTIONS = 5;

    private final HttpClient client = HttpClient.newHttpClient();

    private record Said(JsonObject choice, int cachedTokens) {

        String text() {
            return choice.member("text").toString();
        }
    }

    @Test
    void theAnswersAreTheCpuEnginesFromEveryTier() throws Exception {
        long seed = 7;
        List<Said> expected;
        try (CairnProcess cairn = serve(Map.of("cairn.engine", "cpu"))) {
            expected = answers(cairn, new Random(seed));
            cairn.terminate();
        }
        try (CairnProcess cairn = serve(cuda())) {
            assertThat(cairn.output())
                    .as("the banner names the engine and the device")
                    .anyMatch(line -> line.contains("Cairn stand-in (sm_90)"));
            List<Said> found = answers(cairn, new Random(seed));
            for (int i = 0; i < expected.size(); i++) {
                assertThat(found.get(i).text())
                        .as("answer %d", i)
                        .isEqualTo(expected.get(i).text());
            }
            Said cold = found.getFirst();
            Said again = ask(cairn, prompt(new Random(seed)));
            assertThat(again.choice()).as("from the host tier").isEqualTo(cold.choice());
            assertThat(again.cachedTokens()).isEqualTo(PROMPT - 1);
            Said cached = ask(cairn, prompt(new Random(seed)));
            assertThat(cached.choice()).as("from the prefix cache").isEqualTo(cold.choice());
            assertThat(metric(cairn, "cairn:tier_reads_total{tier=\"host\",outcome=\"found\"}"))
                    .isPositive();
            cairn.terminate();
        }
    }

    /** As many prompts as push the first one out of the device. */
    private List<Said> answers(CairnProcess cairn, Random random) throws Exception {
        List<Said> said = new ArrayList<>();
        for (int i = 0; i < EVICTIONS; i++) {
            said.add(ask(cairn, prompt(random)));
        }
        return said;
    }

    private static int[] prompt(Random random) {
        return random.ints(PROMPT, 10, 1000).toArray();
    }

    private static Map<String, String> cuda() throws IOException, InterruptedException {
        return Map.of(
                "cairn.engine",
                "cuda",
                "cairn.engine.cuda.libraries",
                CudaStandIn.settings().get("cairn.engine.cuda.libraries"),
                "cairn.engine.cuda.kernel-cache",
                CudaStandIn.settings().get("cairn.engine.cuda.kernel-cache"));
    }

    private static CairnProcess serve(Map<String, String> engine) throws IOException {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--model", CairnProcess.tinyModel().toString(),
                                "--dtype", "float32",
                                "--kv-cache-dtype", "float32"));
        List<String> settings =
                new ArrayList<>(
                        List.of(
                                "cairn.max-model-len=256",
                                "cairn.max-num-seqs=4",
                                "cairn.cache.device.size=480KiB",
                                "cairn.cache.tiers=host",
                                "cairn.cache.fetch=always",
                                "cairn.cache.host.size=16MiB"));
        engine.forEach((key, value) -> settings.add(key + "=" + value));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return CairnProcess.serve(CairnProcess.assembled(), arguments.toArray(String[]::new));
    }

    private Said ask(CairnProcess cairn, int[] prompt) throws Exception {
        String ids =
                Arrays.stream(prompt).mapToObj(Integer::toString).collect(Collectors.joining(","));
        String body =
                "{\"prompt\": [%s], \"max_tokens\": 8, \"temperature\": 0, \"logprobs\": 3, \"ignore_eos\": true}"
                        .formatted(ids);
        HttpResponse<String> response =
                client.send(
                        HttpRequest.newBuilder(cairn.url().resolve("/v1/completions"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonObject answer = (JsonObject) JsonReader.read(response.body());
        JsonObject usage = (JsonObject) answer.member("usage");
        JsonObject details = (JsonObject) usage.member("prompt_tokens_details");
        return new Said(
                (JsonObject) ((JsonArray) answer.member("choices")).values().getFirst(),
                (int) ((JsonNumber) details.member("cached_tokens")).doubleValue());
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
}
