package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Formats and tool calls over sockets, on the bundled model, while plain requests run. */
class ShapedAnswersIT {

    private static final long SEED = Long.getLong("cairn.test.seed", 20261121);
    private static final int ASKS =
            "nightly".equals(System.getProperty("cairn.test.size")) ? 500 : 50;
    private static final int AT_ONCE = 8;
    private static final String PLAIN =
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Who are you?\"}],\"max_tokens\":32,"
                    + "\"temperature\":0}";

    private static final List<String> BOMBS =
            List.of(
                    "'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':"
                            + "{'$ref':'#/$defs/a','$defs':{'a':{'$ref':'#/$defs/b'},"
                            + "'b':{'$ref':'#/$defs/a'}}}}}",
                    "'structured_outputs':{'regex':'((((a{1,999}){1,999}){1,999}){1,999}){1,999}'}",
                    "'structured_outputs':{'json':{'type':'array','minItems':1000000000,"
                            + "'items':{'type':'array','minItems':1000000000}}}",
                    "'structured_outputs':{'grammar':'root ::= root'}",
                    "'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object',"
                            + "'properties':{'a':{'$ref':'#/properties/a'}},'required':['a']}}}],"
                            + "'tool_choice':'required'");

    private final HttpClient http = HttpClient.newHttpClient();

    @ParameterizedTest
    @ValueSource(strings = {"none", "hermes", "llama3", "mistral"})
    void everyAnswerHasItsFormStreamedOrNot(String parser) throws IOException {
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(SEED + parser.hashCode());
        try (CairnProcess cairn = serve(parser)) {
            ShapedAnswer alone = ShapedAnswer.whole(post(cairn, PLAIN).join());
            for (int done = 0; done < ASKS; done += AT_ONCE) {
                List<Running> batch = new ArrayList<>();
                for (int i = 0; i < AT_ONCE; i++) {
                    ShapedAsk ask = ShapedAsk.random(random);
                    batch.add(
                            new Running(
                                    ask,
                                    post(cairn, JsonWriter.write(ask.body())),
                                    post(cairn, streamed(ask.body()))));
                }
                CompletableFuture<String> plain = post(cairn, PLAIN);
                batch.forEach(running -> check(running, parser));
                assertThat(ShapedAnswer.whole(plain.join())).isEqualTo(alone);
            }
        }
        System.out.println(parser + ": " + ASKS + " asks, each whole and streamed, seed " + SEED);
    }

    @Test
    void bombsAreRefusedWhileOthersGoOn() throws IOException {
        try (CairnProcess cairn = serve("none")) {
            String alone = ShapedAnswer.whole(post(cairn, PLAIN).join()).text();
            for (String bomb : BOMBS) {
                CompletableFuture<String> other = post(cairn, PLAIN);
                String body =
                        PLAIN.substring(0, PLAIN.length() - 1)
                                + ","
                                + bomb.replace('\'', '"')
                                + "}";
                HttpResponse<String> answer = send(cairn, body).join();
                assertThat(answer.statusCode()).as(bomb + answer.body()).isEqualTo(400);
                assertThat(ShapedAnswer.whole(other.join()).text()).isEqualTo(alone);
            }
        }
    }

    private record Running(
            ShapedAsk ask, CompletableFuture<String> whole, CompletableFuture<String> streamed) {}

    private static void check(Running running, String parser) {
        String what =
                "seed %d, %s: %s".formatted(SEED, parser, JsonWriter.write(running.ask().body()));
        String body = running.whole().join();
        assertThat(body).as(what).contains("\"choices\"");
        ShapedAnswer whole = ShapedAnswer.whole(body);
        assertThat(running.ask().holds()).as(what + " gave " + body).accepts(whole);
        assertThat(ShapedAnswer.streamed(running.streamed().join())).as(what).isEqualTo(whole);
    }

    private static CairnProcess serve(String parser) throws IOException {
        Path home = CairnProcess.assembled();
        return CairnProcess.serve(
                home,
                "--model",
                "pebble=" + home.resolve("models/cairn-pebble"),
                "--set",
                "cairn.tools.parser=" + parser);
    }

    private static String streamed(JsonObject body) {
        var streamed = JsonObject.builder();
        body.members().forEach(streamed::put);
        return JsonWriter.write(streamed.put("stream", JsonValue.of(true)).build());
    }

    private CompletableFuture<String> post(CairnProcess cairn, String body) {
        return send(cairn, body).thenApply(HttpResponse::body);
    }

    private CompletableFuture<HttpResponse<String>> send(CairnProcess cairn, String body) {
        return http.sendAsync(
                HttpRequest.newBuilder(cairn.url().resolve("/v1/chat/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
