package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import dev.cairn.distribution.CairnProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tools and structured outputs as the official Java client's own helpers make and read them. */
class OpenAiJavaToolsIT {

    private static CairnProcess cairn;
    private static OpenAIClient client;

    /** Its schema is made by the client. */
    static class GetWeather {
        public String city;
        public int days;
        public Unit unit;
    }

    enum Unit {
        CELSIUS,
        KELVIN
    }

    static class Plan {
        public String title;
        public List<Step> steps;
    }

    static class Step {
        public boolean done;
        public Unit unit;
    }

    @BeforeAll
    static void serve() throws IOException {
        Path home = CairnProcess.assembled();
        cairn =
                CairnProcess.serve(
                        home, "--model", "pebble=" + home.resolve("models/cairn-pebble"));
        client =
                OpenAIOkHttpClient.builder()
                        .baseUrl(cairn.url().resolve("/v1").toString())
                        .apiKey("none")
                        .maxRetries(0)
                        .timeout(Duration.ofMinutes(3))
                        .responseValidation(true)
                        .build();
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        assertThat(cairn.terminate().status()).isZero();
    }

    @Test
    void requiredToolsAreCalledWithWhatTheirClassesTake() {
        ChatCompletion answer = client.chat().completions().create(tools());
        ChatCompletion.Choice choice = answer.choices().getFirst();
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
        assertThat(choice.message().content()).isEmpty();
        assertThat(calls(answer))
                .isNotEmpty()
                .allSatisfy(
                        call -> {
                            GetWeather read = call.function().arguments(GetWeather.class);
                            assertThat(read.city).isNotNull();
                            assertThat(read.unit).isNotNull();
                        });
    }

    @Test
    void streamedCallsAreTheSameCalls() {
        var accumulator = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(tools())) {
            stream.stream().forEach(accumulator::accumulate);
        }
        assertThat(functions(accumulator.chatCompletion()))
                .isEqualTo(functions(client.chat().completions().create(tools())));
    }

    @Test
    void answersAreReadAsTheirClass() {
        var answer =
                client.chat()
                        .completions()
                        .create(
                                ChatCompletionCreateParams.builder()
                                        .model("pebble")
                                        .addUserMessage("Who are you?")
                                        .maxTokens(600)
                                        .temperature(0)
                                        .responseFormat(Plan.class)
                                        .build());
        Plan plan = answer.choices().getFirst().message().content().orElseThrow();
        assertThat(plan.title).isNotNull();
        assertThat(plan.steps).isNotNull();
    }

    private static ChatCompletionCreateParams tools() {
        return ChatCompletionCreateParams.builder()
                .model("pebble")
                .addUserMessage("Weather in Oslo?")
                .maxTokens(400)
                .temperature(1)
                .seed(3)
                .addTool(GetWeather.class)
                .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                .build();
    }

    private static List<ChatCompletionMessageFunctionToolCall> calls(ChatCompletion answer) {
        return answer.choices().getFirst().message().toolCalls().orElse(List.of()).stream()
                .map(call -> call.asFunction())
                .toList();
    }

    private static List<String> functions(ChatCompletion answer) {
        return calls(answer).stream()
                .map(call -> call.function().name() + call.function().arguments())
                .toList();
    }
}
