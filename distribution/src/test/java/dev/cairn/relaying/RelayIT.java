package dev.cairn.relaying;

import static dev.cairn.relaying.RelayUnderTest.CHAT;
import static dev.cairn.relaying.RelayUnderTest.HELLO;
import static dev.cairn.relaying.RelayUnderTest.readUntil;
import static dev.cairn.relaying.RelayUnderTest.request;
import static dev.cairn.relaying.RelayUnderTest.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.engine.remote.WorkerLists;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a relay does when all is well, and when it is not. */
class RelayIT {

    private static final String STREAM = HELLO.replace("{\"model\"", "{\"stream\":true,\"model\"");

    private final SmallEngine one = new SmallEngine("one");
    private final SmallEngine two = new SmallEngine("two");

    @AfterEach
    void end() {
        one.close();
        two.close();
    }

    @Test
    void bytesGoThereAndBackAsTheyAre() throws IOException {
        try (var relay = RelayUnderTest.before(one.url())) {
            String odd =
                    "{ \"model\" : \"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e4 ä\"}]}";
            HttpResponse<String> answer =
                    relay.post(CHAT, odd, "x-request-id", "mine", "traceparent", "00-1-2-01");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"by\":\"one\"");
            assertThat(answer.headers().firstValue("x-request-id")).contains("mine");
            assertThat(one.bodies()).containsExactly(odd);
            assertThat(one.heads().getFirst())
                    .contains("traceparent: 00-1-2-01", "x-request-id: mine");
            one.answers(one.eventStream(3));
            one.letGo(3);
            assertThat(relay.post(CHAT, STREAM).body())
                    .isEqualTo(
                            "data: {\"by\":\"one\",\"i\":0}\n\ndata: {\"by\":\"one\",\"i\":1}\n\n"
                                    + "data: {\"by\":\"one\",\"i\":2}\n\ndata: [DONE]\n\n");
        }
    }

    @Test
    void eventsComeAsTheyAreMade() throws IOException {
        one.answers(one.eventStream(2));
        try (var relay = RelayUnderTest.before(one.url());
                Socket client = relay.connection()) {
            write(client, request(STREAM));
            assertThat(readUntil(client, "\r\n\r\n")).startsWith("HTTP/1.1 200 OK\r\n");
            one.letGo(1);
            readUntil(client, "\"i\":0");
            one.letGo(1);
            assertThat(readUntil(client, "0\r\n\r\n")).contains("\"i\":1", "[DONE]");
        }
    }

    @Test
    void whatIsWrongIsRefusedAndNeverForwarded() throws IOException {
        try (var relay = RelayUnderTest.before(one.url())) {
            assertRefused(relay.post(CHAT, "{\"model\":\"m\",\"mess"), 400, "invalid_json");
            assertRefused(relay.post(CHAT, ""), 400, "invalid_json");
            assertRefused(
                    relay.post(CHAT, "{\"model\":\"m\",\"messages\":\"x\"}"),
                    400,
                    "\"param\":\"messages\"");
            assertRefused(
                    relay.post(CHAT, HELLO.replace("\"m\"", "\"nope\"")), 404, "model_not_found");
            assertRefused(relay.post("/v1/nope", HELLO), 404, "unknown_url");
            assertRefused(relay.get(CHAT), 404, "unknown_url");
            try (Socket client = relay.connection()) {
                write(
                        client,
                        "POST %s HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 300000000\r\n\r\n"
                                .formatted(CHAT));
                assertThat(readUntil(client, "}}")).contains(" 413 ", "request_too_large");
            }
            assertThat(one.bodies()).isEmpty();
        }
    }

    @Test
    void whatAnEngineFindsWrongIsRelayedAndNotTriedAgain() {
        one.answers(SmallEngine.json(400, "{\"error\":{\"message\":\"top_k\"}}"));
        two.answers(SmallEngine.json(400, "{\"error\":{\"message\":\"top_k\"}}"));
        try (var relay = RelayUnderTest.before(one.url(), two.url())) {
            HttpResponse<String> answer = relay.chat();
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("top_k");
            assertThat(one.bodies().size() + two.bodies().size()).isEqualTo(1);
        }
    }

    @Test
    void anEngineThatIsOverburdenedIsPassedOver() {
        one.answers(SmallEngine.json(503, "{}"));
        try (var relay = RelayUnderTest.before(one.url(), two.url())) {
            for (int i = 0; i < 10; i++) {
                assertThat(relay.chat().body()).contains("\"by\":\"two\"");
            }
            assertThat(one.bodies()).isNotEmpty();
        }
    }

    @Test
    void allDeadIs503WithoutAnAddressUntilOneIsBack() {
        try (var relay = RelayUnderTest.before(one.url(), two.url())) {
            assertThat(relay.chat().statusCode()).isEqualTo(200);
            one.kill();
            two.kill();
            for (int i = 0; i < 5; i++) {
                HttpResponse<String> answer = relay.post(CHAT, i % 2 == 0 ? HELLO : STREAM);
                assertRefused(answer, 503, "no_worker");
                assertThat(answer.body())
                        .doesNotContain("127.0.0.1")
                        .doesNotContain(Integer.toString(one.port()));
                assertThat(answer.headers().firstValue("retry-after")).isPresent();
            }
            assertThat(relay.get("/ready").statusCode()).isEqualTo(503);
            assertThat(relay.get("/health").statusCode()).isEqualTo(200);
            two.start();
            Patience.until("as told", () -> relay.chat().statusCode() == 200);
            one.start();
            Patience.until("as told", () -> relay.chat().body().contains("\"by\":\"one\""));
        }
    }

    @Test
    void itStartsWithoutAnyEngine() {
        one.kill();
        two.kill();
        try (var relay = RelayUnderTest.before(one.url(), two.url())) {
            assertRefused(relay.chat(), 503, "no_worker");
            one.start();
            Patience.until("as told", () -> relay.chat().statusCode() == 200);
            assertThat(relay.get("/v1/models").body()).contains("\"id\":\"m\"");
        }
    }

    @Test
    void anEngineKilledInTheMiddleOfItsAnswerIsToldAndTheNextRequestsGoElsewhere()
            throws IOException {
        one.answers(one.eventStream(100));
        two.answers(two.eventStream(100));
        try (var relay = RelayUnderTest.before(one.url(), two.url());
                Socket client = relay.connection()) {
            write(client, request(STREAM));
            one.letGo(2);
            two.letGo(2);
            boolean isOne = readUntil(client, "\"i\":1").contains("\"one\"");
            SmallEngine dead = isOne ? one : two;
            SmallEngine alive = isOne ? two : one;
            dead.kill();
            String rest = readUntil(client, "0\r\n\r\n");
            assertThat(rest).contains("worker_lost").doesNotContain("[DONE]").endsWith("0\r\n\r\n");
            alive.answers(SmallEngine.json(200, "{\"by\":\"alive\"}"));
            for (int i = 0; i < 10; i++) {
                assertThat(relay.chat().body()).contains("alive");
            }
        }
    }

    @Test
    void aClientThatGoesAwayStopsItsEngine() throws IOException {
        one.answers(one.eventStream(100_000));
        try (var relay = RelayUnderTest.before(one.url())) {
            try (Socket client = relay.connection()) {
                write(client, request(STREAM));
                one.letGo(1);
                readUntil(client, "\"i\":0");
            }
            Patience.until(
                    "as told",
                    () -> {
                        one.letGo(1);
                        return one.gone() == 1;
                    });
        }
    }

    @Test
    void aSilentEngineIsHedged() {
        one.answers(one.silent());
        two.answers(SmallEngine.json(200, "{\"by\":\"two\"}"));
        try (var relay = RelayUnderTest.hedging(Duration.ofMillis(50), one.url(), two.url())) {
            for (int i = 0; i < 4; i++) {
                assertThat(relay.chat().body()).contains("\"by\":\"two\"");
            }
            assertThat(one.bodies()).isNotEmpty();
        }
    }

    @Test
    void vllmPrefillsFirstAndDecodesWithWhatThatSaid() {
        one.answers(
                SmallEngine.json(
                        200,
                        "{\"choices\":[],\"kv_transfer_params\":{\"remote_engine_id\":\"e\",\"remote_block_ids\":[1,2]}}"));
        String body =
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":77,"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\""
                        + "long ".repeat(20)
                        + "\"}]}";
        try (var relay =
                RelayUnderTest.before(
                        one.url() + ";kind=vllm;role=prefill",
                        two.url() + ";kind=vllm;role=decode")) {
            assertThat(relay.post(CHAT, body).body()).contains("\"by\":\"two\"");
            assertThat(one.bodies().getFirst())
                    .contains(
                            "\"max_tokens\":1,",
                            "\"stream\":false",
                            "\"do_remote_decode\":true",
                            "\"do_remote_prefill\":false",
                            "long long")
                    .doesNotContain("77")
                    .doesNotContain("stream_options");
            assertThat(two.bodies().getFirst())
                    .contains(
                            "\"kv_transfer_params\":{\"remote_engine_id\":\"e\",\"remote_block_ids\":[1,2]}",
                            "\"max_tokens\":77",
                            "\"stream\":true")
                    .endsWith("}]}");
            assertThat(relay.chat().statusCode()).as("a short one is not split").isEqualTo(200);
            assertThat(two.bodies().getLast()).isEqualTo(HELLO);
            one.kill();
            assertThat(relay.post(CHAT, body).statusCode()).isEqualTo(200);
            assertThat(two.bodies().getLast()).as("decode does it all").isEqualTo(body);
        }
    }

    @Test
    void sglangTellsBothWhereTheyMeet() {
        try (var relay =
                RelayUnderTest.before(
                        one.url() + ";kind=sglang;role=prefill;bootstrap=8998",
                        two.url() + ";kind=sglang;role=decode")) {
            assertThat(relay.chat().body()).contains("\"by\":\"two\"");
            Patience.until("as told", () -> !one.bodies().isEmpty());
            assertThat(one.bodies().getFirst())
                    .isEqualTo(two.bodies().getFirst())
                    .startsWith(
                            "{\"bootstrap_host\":\"127.0.0.1\",\"bootstrap_port\":8998,\"bootstrap_room\":")
                    .endsWith(HELLO.substring(1));
            one.kill();
            Patience.until("as told", () -> relay.chat().statusCode() == 503);
        }
    }

    @Test
    void ranksAreNamedAsTheEngineWantsThem() {
        try (var relay =
                RelayUnderTest.before(
                        one.url() + ";kind=vllm;ranks=2", two.url() + ";kind=sglang;ranks=2")) {
            for (int i = 0; i < 8; i++) {
                assertThat(relay.chat().statusCode()).isEqualTo(200);
            }
            assertThat(one.bodies()).allMatch(HELLO::equals);
            assertThat(one.heads())
                    .anyMatch(head -> head.contains("X-data-parallel-rank: 0"))
                    .anyMatch(head -> head.contains("X-data-parallel-rank: 1"));
            assertThat(two.heads()).noneMatch(head -> head.contains("X-data-parallel-rank"));
            assertThat(two.bodies())
                    .anyMatch(body -> body.startsWith("{\"data_parallel_rank\":0,\"model\":\"m\""))
                    .anyMatch(body -> body.startsWith("{\"data_parallel_rank\":1,\"model\":\"m\""));
        }
    }

    @Test
    void requestsWaitForAnEngineThatComesBackAndNoLonger() throws Exception {
        one.kill();
        try (var relay = RelayUnderTest.waiting(Duration.ofMinutes(2), 1, one.url())) {
            var waits = CompletableFuture.supplyAsync(relay::chat);
            Patience.until("it waits", () -> relay.waiting() == 1);
            assertRefused(relay.chat(), 503, "no_worker");
            one.start();
            assertThat(waits.get().statusCode()).isEqualTo(200);
            assertThat(one.bodies()).containsExactly(HELLO);
        }
        one.kill();
        try (var relay = RelayUnderTest.waiting(Duration.ofMillis(50), 8, one.url())) {
            HttpResponse<String> late = relay.chat();
            assertRefused(late, 503, "no_worker");
        }
    }

    @Test
    void whoStopsWaitingForAnEngineIsForgotten() throws IOException {
        one.kill();
        try (var relay = RelayUnderTest.waiting(Duration.ofMinutes(2), 1, one.url())) {
            try (Socket client = relay.connection()) {
                write(client, request(HELLO));
                Patience.until("it waits", () -> relay.waiting() == 1);
            }
            Patience.until("it is gone", () -> relay.waiting() == 0);
            one.start();
            Patience.until("the engine is back", () -> relay.get("/ready").statusCode() == 200);
            assertThat(relay.chat().statusCode()).isEqualTo(200);
            assertThat(one.bodies()).as("who went away is not served").hasSize(1);
        }
    }

    @Test
    void requestsMayComeInPiecesInChunksAndTogether() throws IOException {
        try (var relay = RelayUnderTest.before(one.url());
                Socket client = relay.connection()) {
            client.setTcpNoDelay(true);
            for (char each : request(HELLO).toCharArray()) {
                write(client, Character.toString(each));
            }
            readUntil(client, "\"one\"}");
            String half = HELLO.substring(20);
            write(
                    client,
                    "POST %s HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    .formatted(CHAT)
                            + "14;x\r\n"
                            + HELLO.substring(0, 20)
                            + "\r\n"
                            + Integer.toHexString(half.length())
                            + "\r\n"
                            + half
                            + "\r\n0\r\n\r\n"
                            + request(HELLO)
                            + "GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            String answers = readUntil(client, "never said");
            assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(4);
            assertThat(one.bodies()).containsExactly(HELLO, HELLO, HELLO);
        }
    }

    @Test
    void aClientThatReadsSlowlyGetsEverything() throws IOException {
        String piece = "0123456789abcdef".repeat(4096);
        one.answers(
                (asked, out) -> {
                    out.write(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
                                    .getBytes(StandardCharsets.UTF_8));
                    for (int i = 0; i < 300; i++) {
                        out.write(piece.getBytes(StandardCharsets.UTF_8));
                    }
                    out.flush();
                    throw new IOException("the end of this answer is the end of its connection");
                });
        try (var relay = RelayUnderTest.before(one.url());
                Socket client = relay.connection()) {
            client.setReceiveBufferSize(64 << 10);
            write(client, request(HELLO));
            Patience.until("as told", () -> !one.bodies().isEmpty());
            String all = readUntil(client, "\r\n0\r\n\r\n");
            String text = all.substring(all.indexOf("\r\n\r\n") + 4);
            assertThat(unchunked(text)).isEqualTo(piece.repeat(300));
        }
    }

    @Test
    void aFileOfWorkersIsFollowed(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("workers");
        Files.writeString(file, "# mine\n" + one.url() + "\n");
        try (var relay = RelayUnderTest.before(WorkerLists.inFile(file, Duration.ofMillis(20)))) {
            assertThat(relay.chat().body()).contains("\"one\"");
            Files.writeString(file, one.url() + "\n" + two.url() + "\n");
            Patience.until("as told", () -> relay.chat().body().contains("\"two\""));
            Files.writeString(file, "nonsense\n");
            Files.writeString(file, two.url() + "\n");
            Set<String> last = new HashSet<>();
            Patience.until(
                    "as told",
                    () -> {
                        last.clear();
                        for (int i = 0; i < 4; i++) {
                            last.add(relay.chat().body());
                        }
                        return last.size() == 1 && last.iterator().next().contains("\"two\"");
                    });
        }
    }

    @Test
    void keysOpenTheDoorAndStayHere() {
        try (var relay = RelayUnderTest.withKey("secret", one.url())) {
            assertThat(relay.chat().statusCode()).isEqualTo(401);
            assertThat(relay.post(CHAT, HELLO, "Authorization", "Bearer secret").statusCode())
                    .isEqualTo(200);
            assertThat(one.heads()).hasSize(1).noneMatch(head -> head.contains("secret"));
            assertThat(relay.get("/health").statusCode()).isEqualTo(200);
        }
        try (var relay = RelayUnderTest.before(one.url())) {
            relay.post(CHAT, HELLO, "Authorization", "Bearer theirs");
            assertThat(one.heads().getLast()).contains("Authorization: Bearer theirs");
        }
    }

    private static String unchunked(String chunks) {
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (true) {
            int line = chunks.indexOf("\r\n", at);
            int size = Integer.parseInt(chunks.substring(at, line), 16);
            if (size == 0) {
                return text.toString();
            }
            text.append(chunks, line + 2, line + 2 + size);
            at = line + 4 + size;
        }
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String inBody) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).startsWith("{\"error\":{\"message\":").contains(inBody);
    }

    @Test
    void enginesAreTold() {
        try (var relay = RelayUnderTest.before(one.url(), two.url())) {
            String workers = relay.get("/v1/cairn/workers").body();
            for (SmallEngine each : List.of(one, two)) {
                assertThat(workers)
                        .contains(
                                "\"worker\":\"127.0.0.1:" + each.port() + "\",\"state\":\"ready\"");
            }
            relay.post(CHAT, HELLO, "x-request-id", "why");
            assertThat(relay.get("/v1/cairn/explain/why").body())
                    .contains("\"request\":\"why\"", "\"policy\":\"round-robin\"");
            assertThat(relay.get("/v1/cairn/explain/other").statusCode()).isEqualTo(404);
        }
    }
}
