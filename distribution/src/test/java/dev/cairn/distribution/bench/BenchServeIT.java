package dev.cairn.distribution.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.distribution.CairnProcess.Ended;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled model in one process, its load from another. */
class BenchServeIT {

    private static final Path HOME = CairnProcess.assembled();
    private static final List<String> SETS =
            List.of("fixed", "chat", "shared-prefix", "multi-turn", "agentic");

    @TempDir private Path folder;

    @Test
    void theFiguresAreTheServersOwn() throws Exception {
        Path page = folder.resolve("report.html");
        Path saved = folder.resolve("requests.jsonl");
        try (CairnProcess cairn = CairnProcess.serve(HOME)) {
            String[] command = {
                "bench",
                "serve",
                "--url",
                cairn.url().toString(),
                "--api",
                "chat",
                "--json",
                "--dataset",
                String.join(",", SETS),
                "--requests",
                "12",
                "--concurrency",
                "6",
                "--input-len",
                "40",
                "--output-len",
                "12",
                "--prefix-len",
                "96",
                "--prefixes",
                "2",
                "--slo",
                "ttft:60000",
                "--html",
                page.toString(),
                "--save",
                saved.toString()
            };
            Ended ended = CairnProcess.run(HOME, command);
            assertThat(ended.err()).isEmpty();
            Map<String, Double> values = values(ended.out());
            Map<String, Double> metrics = metrics(cairn.url());

            // Every request was answered and counted by both sides alike.
            assertThat(total(values, "answered"))
                    .isEqualTo(total(values, "requests"))
                    .isEqualTo(metrics.get("vllm:request_success_total"))
                    .isGreaterThanOrEqualTo(60);
            assertThat(total(values, "output-tokens"))
                    .isEqualTo(metrics.get("vllm:generation_tokens_total"));
            assertThat(total(values, "input-tokens"))
                    .isEqualTo(metrics.get("vllm:prompt_tokens_total"));
            assertThat(values.get("fixed/input-tokens")).isEqualTo(12 * 40);
            assertThat(values.get("fixed/output-tokens")).isEqualTo(12 * 12);
            assertThat(values.get("shared-prefix/cached")).isGreaterThan(0);
            assertThat(values.get("multi-turn/cached")).isGreaterThan(0);
            for (String set : SETS) {
                assertThat(values.get(set + "/ttft-p50")).isGreaterThan(0);
                assertThat(values.get(set + "/e2el-max"))
                        .isGreaterThanOrEqualTo(values.get(set + "/ttft-max"));
                assertThat(values.get(set + "/goodput"))
                        .isEqualTo(values.get(set + "/request-throughput"));
            }
        }
        List<JsonObject> requests =
                Files.readAllLines(saved).stream()
                        .map(line -> (JsonObject) JsonReader.read(line))
                        .toList();
        assertThat(requests).hasSizeGreaterThanOrEqualTo(60);
        turnsWaitForWhatTheyRepeat(requests);
        assertThat(
                        DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(page.toFile())
                                .getElementsByTagName("svg")
                                .getLength())
                .isEqualTo(8 * SETS.size());
    }

    @Test
    void aTraceIsPlayedOnAServerOfItsOwn() throws IOException {
        Path trace = folder.resolve("trace.jsonl");
        Files.writeString(
                trace,
                """
                {"timestamp": 0, "input_length": 1100, "output_length": 90, "hash_ids": [0, 1, 2]}
                {"timestamp": 150, "input_length": 1500, "output_length": 70, "hash_ids": [0, 1, 3]}
                """);
        Ended ended =
                CairnProcess.run(
                        HOME,
                        "bench",
                        "serve",
                        "--trace",
                        trace.toString(),
                        "--length-scale",
                        "0.1",
                        "--json");
        Map<String, Double> values = values(ended.out());

        assertThat(values.get("trace/answered")).isEqualTo(2);
        assertThat(values.get("trace/input-tokens")).isEqualTo(110 + 150);
        assertThat(values.get("trace/output-tokens")).isEqualTo(9 + 7);
    }

    @Test
    void whatCannotBeDoneIsToldInOneLine() throws IOException {
        Path trace = folder.resolve("bad.jsonl");
        Files.writeString(trace, "{\"timestamp\": 0}\n");
        Ended bad = CairnProcess.run(HOME, "bench", "serve", "--trace", trace.toString());
        Ended nobody = CairnProcess.run(HOME, "bench", "serve", "--url", "http://127.0.0.1:1");

        assertThat(bad.err())
                .isEqualTo("cairn: " + trace + " line 1: input_length must be a number");
        assertThat(nobody.err()).startsWith("cairn: nobody answers at http://127.0.0.1:1: ");
        assertThat(List.of(bad.status(), nobody.status())).containsOnly(1);
    }

    /** Turns of a session lie side by side in the file, in their order. */
    private static void turnsWaitForWhatTheyRepeat(List<JsonObject> requests) {
        int checked = 0;
        for (int i = 1; i < requests.size(); i++) {
            JsonObject before = requests.get(i - 1);
            JsonObject turn = requests.get(i);
            if (before.member("set").equals(JsonValue.of("multi-turn"))
                    && number(turn, "turn") > 0) {
                assertThat(number(turn, "start_ms"))
                        .isGreaterThanOrEqualTo(number(before, "end_ms"));
                // A new question of 40 tokens, what the template adds, and most of the answer.
                assertThat(number(turn, "prompt_tokens") - number(before, "prompt_tokens"))
                        .isGreaterThan(40);
                checked++;
            }
        }
        assertThat(checked).isEqualTo(9);
    }

    private static double number(JsonObject request, String name) {
        return ((JsonNumber) request.member(name)).doubleValue();
    }

    private static double total(Map<String, Double> values, String figure) {
        return SETS.stream().mapToDouble(set -> values.get(set + "/" + figure)).sum();
    }

    private static Map<String, Double> values(String json) {
        Map<String, Double> values = new HashMap<>();
        JsonObject report = (JsonObject) JsonReader.read(json);
        for (JsonValue each : ((JsonArray) report.member("results")).values()) {
            JsonObject result = (JsonObject) each;
            if (result.member("value") instanceof JsonNumber value) {
                values.put(((JsonString) result.member("case")).value(), value.doubleValue());
            }
        }
        return values;
    }

    /** Sums over the series of each name. */
    private static Map<String, Double> metrics(URI server) throws Exception {
        Map<String, Double> sums = new HashMap<>();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest request = HttpRequest.newBuilder(server.resolve("/metrics")).build();
            client.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(
                            line ->
                                    sums.merge(
                                            line.replaceFirst("[{ ].*", ""),
                                            Double.valueOf(line.substring(line.lastIndexOf(' '))),
                                            Double::sum));
        }
        return sums;
    }
}
