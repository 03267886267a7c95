package dev.cairn.distribution.bench.client;

import static dev.cairn.distribution.bench.client.ScriptedServer.end;
import static dev.cairn.distribution.bench.client.ScriptedServer.events;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.bench.client.Streamed.Problem;
import dev.cairn.distribution.bench.client.Streamed.TokenUsage;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LoadClientIT {

    private static final String ONE = "{\"choices\":[{\"text\":\"one \"}]}";
    private static final String TWO = "{\"choices\":[{\"text\":\"two\"}]}";
    private static final String USAGE =
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}";
    private static final String DONE = "[DONE]";
    private static final Ask ASK =
            new Ask("/v1/completions", JsonObject.empty(), Optional.of("key"), Map.of(), true);

    @Test
    void aStreamIsReadWholeAndItsConnectionUsedAgain() throws Exception {
        String answer = events(ONE, TWO, USAGE, DONE) + end();
        try (ScriptedServer server = ScriptedServer.answering(answer, answer);
                LoadClient client = client(server.url())) {
            for (int i = 0; i < 2; i++) {
                Streamed streamed = client.stream(ASK, Listener.NONE);
                assertThat(streamed.problem()).isEmpty();
                assertThat(streamed.text()).isEqualTo("one two");
                assertThat(streamed.stamps()).hasSize(2).isSorted();
                assertThat(streamed.usage()).contains(new TokenUsage(5, 2, Optional.empty()));
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void aConnectionThatWasClosedMeanwhileIsReplaced() throws Exception {
        String answer = events(ONE, DONE) + end();
        try (ScriptedServer server =
                        ScriptedServer.answering(answer, ScriptedServer.HANG_UP, answer);
                LoadClient client = client(server.url())) {
            assertThat(client.stream(ASK, Listener.NONE).problem()).isEmpty();
            assertThat(client.stream(ASK, Listener.NONE).problem()).isEmpty();
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void aRefusalSaysItsStatusMessageAndWhenToComeAgain() throws Exception {
        String body = "{\"error\":{\"message\":\"too many\"}}";
        String refusal =
                "HTTP/1.1 429 Too Many\r\nretry-after: 3\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(body.length(), body);
        assertThat(problem(refusal)).isEqualTo(new Problem("http 429", "too many", true));
    }

    @Test
    void aStreamThatBreaksIsNoAnswer() throws Exception {
        assertThat(problem(events(ONE) + end()).kind()).isEqualTo("ended early");
        assertThat(problem(events(ONE, "{\"error\":{\"message\":\"broke\"}}")))
                .isEqualTo(new Problem("error in stream", "broke", false));
        assertThat(problem(events(ONE, "nonsense")).kind()).isEqualTo("broken answer");
        assertThat(problem("SMTP ready\r\n\r\n").kind()).isEqualTo("broken answer");
    }

    @Test
    void nobodyThereIsAnErrorOfItsOwnKind() {
        // A port of the system's own, where no test listens.
        try (LoadClient client = client(URI.create("http://127.0.0.1:1"))) {
            assertThat(client.stream(ASK, Listener.NONE).problem().orElseThrow().kind())
                    .isEqualTo("connect");
        }
    }

    @Test
    void aListenerCanGoAwayInTheMidst() throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(events(ONE, TWO));
                LoadClient client = client(server.url())) {
            Streamed streamed = client.stream(ASK, (tokens, _) -> tokens < 2);
            assertThat(streamed.stamps()).hasSize(2);
            assertThat(streamed.problem().orElseThrow().kind()).isEqualTo(Problem.CANCELLED);
        }
    }

    @Test
    void allAnswersCanBeBrokenOff() throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(events(ONE));
                LoadClient client = client(server.url())) {
            CompletableFuture<Void> begun = new CompletableFuture<>();
            CompletableFuture<Streamed> streamed =
                    CompletableFuture.supplyAsync(
                            () ->
                                    client.stream(
                                            ASK,
                                            (_, _) -> {
                                                begun.complete(null);
                                                return true;
                                            }));
            begun.join();
            client.cancelAll();

            assertThat(streamed.join().problem().orElseThrow().kind()).isEqualTo(Problem.CANCELLED);
            assertThat(streamed.join().stamps()).hasSize(1);
            assertThat(client.stream(ASK, Listener.NONE).problem().orElseThrow().message())
                    .isEqualTo("not sent any more");
        }
    }

    private static Problem problem(String answer) throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(answer);
                LoadClient client = client(server.url())) {
            return client.stream(ASK, Listener.NONE).problem().orElseThrow();
        }
    }

    private static LoadClient client(URI server) {
        return new LoadClient(server, Duration.ofSeconds(60));
    }
}
