package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.StopCause;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Clients that leave, dawdle, cheat or send too much. */
class ClientsIT {

    private static final String VERSION = "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String CHAT = "{'messages':[{'role':'user','content':'hi'}],'stream':%s}";

    @Test
    void aClientThatLeavesWhileNothingIsWrittenAbortsItsRequest() throws IOException {
        try (var running = RunningServer.start()) {
            for (boolean stream : List.of(true, false)) {
                try (var client = new RawClient(running.port())) {
                    client.post("/v1/chat/completions", CHAT.formatted(stream));
                    var served = running.service.next();
                    client.leave();
                    assertThat(served.isCancelled()).as("stream %s", stream).isTrue();
                }
            }
        }
    }

    @Test
    void aClientThatIsKilledInTheMiddleOfAStreamAbortsItsRequest() throws IOException {
        try (var running = RunningServer.start()) {
            var client = new RawClient(running.port());
            client.post("/v1/completions", "{'prompt':['a','b'],'stream':true}");
            var first = running.service.next();
            var second = running.service.next();
            first.started(1);
            first.says(0, "x");
            client.readUntil("\"text\":\"x\"");
            client.reset();
            assertThat(first.isCancelled()).isTrue();
            assertThat(second.isCancelled()).isTrue();
        }
    }

    @Test
    void aConnectionIsWatchedForEveryRequestThatItCarries() throws IOException {
        try (var running = RunningServer.start();
                var client = new RawClient(running.port())) {
            for (int i = 0; i < 3; i++) {
                client.post("/v1/chat/completions", CHAT.formatted("false"));
                var served = running.service.next();
                served.started(1);
                served.says(0, "answer " + i);
                served.ends(0, FinishReason.STOP, new StopCause.EndOfSequence());
                served.ended(1, 1);
                client.readUntil("\"content\":\"answer " + i + "\"");
                client.readUntil("\"reasoning_tokens\":0}}}");
            }
            client.post("/v1/chat/completions", CHAT.formatted("false"));
            var served = running.service.next();
            client.leave();
            assertThat(served.isCancelled()).isTrue();
        }
    }

    @Test
    void requestsMayFollowWithoutWaiting() throws IOException {
        try (var running = RunningServer.start();
                var client = new RawClient(running.port())) {
            running.service.answersWith(ScriptedService.saying("x"));
            client.post("/v1/chat/completions", CHAT.formatted("false"))
                    .post("/v1/chat/completions", CHAT.formatted("true"))
                    .send("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
            client.readUntil("\"object\":\"chat.completion\"");
            client.readUntil("data: [DONE]\n\n");
            client.readUntil("{\"version\":\"1.2.3\"}");
        }
    }

    @Test
    void aConnectionThatIsAskedToCloseIsClosedAfterTheAnswer() throws IOException {
        try (var running = RunningServer.start()) {
            running.service.answersWith(ScriptedService.saying("x"));
            for (boolean stream : List.of(true, false)) {
                try (var client = new RawClient(running.port())) {
                    String body = CHAT.formatted(stream).replace('\'', '"');
                    client.send(
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Content-Type: application/json\r\nConnection: close\r\n"
                                    + "Content-Length: "
                                    + body.length()
                                    + "\r\n\r\n"
                                    + body);
                    assertThat(client.readAll())
                            .as("stream %s", stream)
                            .contains("\"content\":\"x\"");
                }
            }
            try (var client = new RawClient(running.port())) {
                client.send(VERSION.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
                assertThat(client.readAll()).endsWith("{\"version\":\"1.2.3\"}");
            }
        }
    }

    @Test
    void silenceIsFilledWithComments() throws IOException {
        try (var running =
                        RunningServer.start(
                                options ->
                                        RunningServer.withComments(options, Duration.ofMillis(5)));
                var client = new RawClient(running.port())) {
            client.post("/v1/chat/completions", CHAT.formatted("true"));
            var served = running.service.next();
            served.started(1);
            client.readUntil(": keep-alive\n\n");
            client.readUntil(": keep-alive\n\n");
            served.says(0, "x");
            client.readUntil("\"content\":\"x\"");
        }
    }

    @Test
    void aSlowReaderNeverHoldsTheEngineAndGetsEverything() throws IOException {
        try (var running = RunningServer.start();
                var client = new RawClient(running.port())) {
            client.post("/v1/chat/completions", CHAT.formatted("true"));
            var served = running.service.next();
            served.started(1);
            int deltas = 20_000;
            // More than socket buffers hold, and nobody reads: a listener that waited would hang.
            for (int i = 0; i < deltas; i++) {
                served.says(0, "0123456789");
            }
            served.ends(0, FinishReason.LENGTH, new StopCause.Budget());
            served.ended(1, deltas);
            String events = client.readUntil("data: [DONE]\n\n");
            int digits = 0;
            for (String piece : events.split("\"content\":\"", -1)) {
                digits += Math.max(0, piece.indexOf('"'));
            }
            assertThat(events).contains("\"finish_reason\":\"length\"");
            assertThat(digits).isGreaterThanOrEqualTo(10 * deltas);
        }
    }

    @Test
    void aBodyOverTheBoundIsRefusedInBothFramings() throws IOException {
        var limits = new HttpOptions.Limits(1_000, 4_096, 64, 8, 20, 16, Duration.ofMinutes(1));
        try (var running =
                RunningServer.start(options -> RunningServer.withLimits(options, limits))) {
            try (var client = new RawClient(running.port())) {
                String answer =
                        client.post("/v1/completions", "{'prompt':'" + "x".repeat(100_000) + "'}")
                                .readAll();
                assertThat(answer).startsWith("HTTP/1.1 413").contains("request_too_large");
            }
            try (var client = new RawClient(running.port())) {
                client.send(
                        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type:"
                                + " application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (int i = 0; i < 30; i++) {
                    client.send("64\r\n" + "x".repeat(100) + "\r\n");
                }
                assertThat(client.readAll())
                        .startsWith("HTTP/1.1 413")
                        .contains("request_too_large");
            }
            assertThat(running.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void framingThatNeverEndsIsCutOff() throws IOException {
        var limits = new HttpOptions.Limits(1_000, 4_096, 64, 8, 20, 16, Duration.ofMinutes(1));
        try (var running =
                        RunningServer.start(options -> RunningServer.withLimits(options, limits));
                var client = new RawClient(running.port())) {
            client.send(
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type:"
                            + " application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.send("0".repeat(80_000));
            assertThat(client.readAllOrReset()).doesNotContain("200 OK");
        }
    }

    @Test
    void aClientThatDawdlesOverItsRequestIsCutOffAndOneThatWaitsForTheNextIsNot()
            throws IOException {
        var limits = new HttpOptions.Limits(1_000, 4_096, 64, 8, 20, 16, Duration.ofMillis(100));
        try (var running =
                        RunningServer.start(options -> RunningServer.withLimits(options, limits));
                var waiting = new RawClient(running.port());
                var inHeaders = new RawClient(running.port());
                var inBody = new RawClient(running.port())) {
            waiting.send(VERSION).readUntil("1.2.3\"}");
            inHeaders.send("GET /version HTTP/1.1\r\nHost: local");
            inBody.send(
                    "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nContent-Type:"
                            + " application/json\r\nContent-Length: 100\r\n\r\n{");
            assertThat(inHeaders.readAllOrReset()).doesNotContain("200 OK");
            assertThat(inBody.readAllOrReset()).doesNotContain("200 OK");
            waiting.send(VERSION).readUntil("1.2.3\"}");
        }
    }

    @Test
    void headersOverTheBoundAndBadRequestLinesAreRefusedInJson() throws IOException {
        try (var running = RunningServer.start()) {
            for (String request :
                    List.of(
                            "GET /health HTTP/1.1\r\nHost: localhost\r\nX: "
                                    + "y".repeat(40_000)
                                    + "\r\n\r\n",
                            "GET /health HTTP/1.1\r\n\r\n",
                            "NONSENSE\r\n\r\n")) {
                try (var client = new RawClient(running.port())) {
                    String answer = client.send(request).readAll();
                    assertThat(answer)
                            .startsWith("HTTP/1.1 4")
                            .containsIgnoringCase("content-type: application/json")
                            .contains("\"code\":\"malformed_request\"");
                }
            }
        }
    }

    @Test
    void aBodyThatWaitsForPermissionGetsIt() throws IOException {
        try (var running = RunningServer.start();
                var client = new RawClient(running.port())) {
            running.service.answersWith(ScriptedService.saying("x"));
            String body = "{\"prompt\":\"a\"}";
            client.send(
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type:"
                            + " application/json\r\nExpect: 100-continue\r\nContent-Length: "
                            + body.length()
                            + "\r\n\r\n");
            assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100");
            client.send(body);
            assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void keysAreAskedForExceptByProbes() {
        try (var running =
                RunningServer.start(
                        options -> RunningServer.withKeys(options, List.of("key"), "root"))) {
            running.service.answersWith(ScriptedService.saying("x"));
            HttpResponse<String> refused = running.get("/v1/models");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            assertThat(refused.body()).contains("\"code\":\"missing_api_key\"");
            assertThat(running.get("/v1/models", "Authorization", "Bearer no").body())
                    .contains("\"code\":\"invalid_api_key\"")
                    .doesNotContain("Bearer no");
            for (String path : List.of("/metrics", "/version", "/nothing")) {
                assertThat(running.get(path).statusCode()).as(path).isEqualTo(401);
            }
            for (String path : List.of("/health", "/ready", "/ping")) {
                assertThat(running.get(path).statusCode()).as(path).isEqualTo(200);
            }
            assertThat(running.get("/v1/models", "Authorization", "Bearer key").statusCode())
                    .isEqualTo(200);
            running.post("/v1/completions", "{'prompt':'a'}", "Authorization", "Bearer key");
            assertThat(running.service.next().call().tenant()).hasSize(64);
            assertThat(running.get("/v1/cairn/x", "Authorization", "Bearer key").statusCode())
                    .isEqualTo(401);
            assertThat(running.get("/v1/cairn/x", "Authorization", "Bearer root").statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void stoppingLetsAnswersEndAndRefusesNewOnes() throws Exception {
        try (var running = RunningServer.start();
                var client = new RawClient(running.port())) {
            client.post("/v1/chat/completions", CHAT.formatted("true"));
            var served = running.service.next();
            served.started(1);
            client.readUntil("\"role\":\"assistant\"");
            var stopped =
                    CompletableFuture.runAsync(() -> running.server.stop(Duration.ofSeconds(30)));
            while (running.get("/ready").statusCode() == 200) {
                Thread.onSpinWait();
            }
            HttpResponse<String> refused =
                    running.post("/v1/chat/completions", CHAT.formatted("false"));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("server_shutting_down");
            assertThat(refused.headers().firstValue("Connection")).contains("close");
            served.says(0, "last words");
            served.ends(0, FinishReason.STOP, new StopCause.EndOfSequence());
            served.ended(1, 1);
            client.readUntil("last words");
            client.readUntil("data: [DONE]\n\n");
            stopped.get();
        }
    }

    @Test
    void anAnswerThatOutlivesTheGraceEndsWithAnError() throws IOException {
        try (var running = RunningServer.start();
                var client = new RawClient(running.port())) {
            client.post("/v1/chat/completions", CHAT.formatted("true"));
            var served = running.service.next();
            served.started(1);
            served.says(0, "x");
            client.readUntil("\"content\":\"x\"");
            running.server.stop(Duration.ZERO);
            assertThat(client.readAll())
                    .contains("\"code\":\"server_shutting_down\"", "data: [DONE]\n\n");
            assertThat(served.isCancelled()).isTrue();
        }
    }
}
