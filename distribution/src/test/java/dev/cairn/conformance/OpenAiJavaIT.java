package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionTokenLogprob;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionChoice;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import dev.cairn.distribution.CairnProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenAiJavaIT {

    private static final String KEY = "conformance-key";
    private static final String LIMITED_KEY = "limited-key";
    private static final String CHAT = "pebble";
    private static final String EMBEDDING = "encoder";

    /**
     * The client's schema of completions is stricter than the API: chunks before the last have no
     * finish reason, and an echoed prompt's first token has no log-probability.
     */
    private static final RequestOptions UNVALIDATED =
            RequestOptions.builder().responseValidation(false).build();

    @TempDir private static Path folder;

    private static CairnProcess cairn;
    private static OpenAIClient client;

    @BeforeAll
    static void serve() throws IOException {
        Path home = CairnProcess.assembled();
        Path encoder =
                CairnProcess.checkout()
                        .resolve("adapters-engines/onnx/src/test/resources/tiny-encoder");
        cairn =
                CairnProcess.serve(
                        home,
                        "--model",
                        CHAT + "=" + home.resolve("models/cairn-pebble"),
                        "--model",
                        EMBEDDING + "=" + encoder,
                        "--api-key",
                        KEY,
                        "--set",
                        "cairn.http.api-key-file=" + keyFile());
        client = client(KEY);
    }

    private static Path keyFile() throws IOException {
        // printf %s limited-key | sha256sum
        String digest = "f33b2500796d61f96eeef0f5331ddc40c17e434aff139f4d9e00bfe75170d87a";
        return Files.writeString(
                folder.resolve("keys.json"),
                """
                {"keys": [{"name": "guests", "sha256": "%s", "models": ["%s"],
                           "requests_per_minute": 1}]}
                """
                        .formatted(digest, CHAT));
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        assertThat(cairn.terminate().status()).isZero();
    }

    @Test
    void modelsAreListedAndFound() {
        List<String> ids = client.models().list().data().stream().map(Model::id).toList();

        assertThat(ids).containsExactly(CHAT, EMBEDDING);
        assertThat(client.models().retrieve(CHAT).id()).isEqualTo(CHAT);
        assertThatThrownBy(() -> client.models().retrieve("nobody"))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("nobody");
    }

    @Test
    void aKeyOfTheFileIsHeldToItsRules() {
        OpenAIClient limited = client(LIMITED_KEY);
        assertThat(limited.models().list().data()).extracting(Model::id).containsExactly(CHAT);
        assertThatThrownBy(() -> limited.models().retrieve(EMBEDDING))
                .isInstanceOf(NotFoundException.class);
        assertThat(limited.chat().completions().create(request(request -> {})).choices())
                .hasSize(1);
        var refused =
                catchThrowableOfType(
                        RateLimitException.class,
                        () -> limited.chat().completions().create(request(request -> {})));
        assertThat(refused.getMessage()).contains("guests").contains("1 requests a minute");
        assertThat(refused.headers().values("Retry-After").getFirst()).matches("[1-9][0-9]?");
        assertThat(chat(request -> {}).choices()).as("others go on").hasSize(1);
        limited.close();
    }

    @Test
    void chatAnswersWithUsage() {
        ChatCompletion answer = chat(request -> {});

        ChatCompletion.Choice choice = answer.choices().getFirst();
        assertThat(answer.id()).startsWith("chatcmpl-");
        assertThat(answer.model()).isEqualTo(CHAT);
        assertThat(text(choice)).isEqualTo("I am Pebble, the small model that comes with Cairn.");
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        var usage = answer.usage().orElseThrow();
        assertThat(usage.totalTokens()).isEqualTo(usage.promptTokens() + usage.completionTokens());
        assertThat(usage.completionTokens()).isBetween(1L, 24L);
    }

    @Test
    void aStreamIsTheSameAnswer() {
        ChatCompletion whole = chat(request -> {});
        List<ChatCompletionChunk> chunks =
                stream(
                        request ->
                                request.streamOptions(
                                        ChatCompletionStreamOptions.builder()
                                                .includeUsage(true)
                                                .build()));

        ChatCompletionChunk last = chunks.getLast();
        assertThat(last.choices()).isEmpty();
        assertThat(last.usage()).isEqualTo(whole.usage());
        assertThat(textOf(chunks)).isEqualTo(text(whole.choices().getFirst()));
        assertThat(chunks.getFirst().choices().getFirst().delta().role()).isPresent();
        assertThat(chunks).extracting(ChatCompletionChunk::id).containsOnly(last.id());
        List<String> reasons =
                chunks.stream()
                        .flatMap(chunk -> chunk.choices().stream())
                        .flatMap(choice -> choice.finishReason().stream())
                        .map(Object::toString)
                        .toList();
        assertThat(reasons).containsExactly("stop");
    }

    @Test
    void choicesWithASeedRepeatAndDiffer() {
        List<String> first = draw(7);

        assertThat(draw(7)).isEqualTo(first);
        assertThat(new HashSet<>(first)).hasSizeGreaterThan(1);
        assertThat(draw(8)).isNotEqualTo(first);
    }

    @Test
    void logProbabilitiesAreThoseOfTheTokensSaid() {
        ChatCompletion.Choice choice =
                chat(request -> request.logprobs(true).topLogprobs(3)).choices().getFirst();

        ByteArrayOutputStream said = new ByteArrayOutputStream();
        for (ChatCompletionTokenLogprob token :
                choice.logprobs().orElseThrow().content().orElseThrow()) {
            assertThat(token.logprob()).isLessThanOrEqualTo(0);
            assertThat(token.topLogprobs()).hasSize(3);
            // Greedy decoding takes the likeliest.
            assertThat(token.topLogprobs().getFirst().logprob())
                    .isCloseTo(token.logprob(), within(1e-4));
            token.bytes().orElseThrow().forEach(each -> said.write(each.intValue()));
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).startsWith(text(choice));
    }

    @Test
    void stopStringsStopAndStayOut() {
        String whole = text(chat(request -> {}).choices().getFirst());
        String stop = whole.substring(5, 8);
        String expected = whole.substring(0, whole.indexOf(stop));

        ChatCompletion.Choice choice =
                chat(request -> request.stopOfStrings(List.of(stop, "never"))).choices().getFirst();

        assertThat(text(choice)).isEqualTo(expected);
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(textOf(stream(request -> request.stop(stop)))).isEqualTo(expected);
    }

    @Test
    void aSpentBudgetIsReported() {
        ChatCompletion answer =
                chat(
                        request ->
                                request.maxTokens(2)
                                        .putAdditionalBodyProperty(
                                                "ignore_eos", JsonValue.from(true)));

        assertThat(answer.choices().getFirst().finishReason())
                .isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
        assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(2);
    }

    @Test
    void completionsTakeListsAndStream() {
        Completion two =
                client.completions()
                        .create(
                                completion()
                                        .prompt(
                                                CompletionCreateParams.Prompt.ofArrayOfStrings(
                                                        List.of("one two", "three")))
                                        .build());
        assertThat(two.choices()).extracting(CompletionChoice::index).containsExactly(0L, 1L);
        assertThat(two.id()).startsWith("cmpl-");

        CompletionCreateParams one = completion().prompt("one two").build();
        StringBuilder streamed = new StringBuilder();
        try (StreamResponse<Completion> stream =
                client.completions().createStreaming(one, UNVALIDATED)) {
            stream.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .forEach(choice -> streamed.append(choice.text()));
        }
        assertThat(streamed.toString())
                .isEqualTo(client.completions().create(one).choices().getFirst().text())
                .isEqualTo(two.choices().getFirst().text());
    }

    @Test
    void echoGivesThePromptBackWithItsLogProbabilities() {
        CompletionChoice choice =
                client.completions()
                        .create(
                                completion().prompt("one two").echo(true).logprobs(1).build(),
                                UNVALIDATED)
                        .choices()
                        .getFirst();

        assertThat(choice.text()).startsWith("one two");
        var logprobs = choice.logprobs().orElseThrow();
        assertThat(logprobs.textOffset().orElseThrow()).startsWith(0L).isSorted();
        assertThat(logprobs.tokens().orElseThrow())
                .hasSameSizeAs(logprobs.textOffset().orElseThrow());
    }

    @Test
    void embeddingsAreTheSameInBothEncodings() {
        List<String> inputs = List.of("stone", "a stack of stones");
        CreateEmbeddingResponse floats = embed(inputs, EmbeddingCreateParams.EncodingFormat.FLOAT);
        CreateEmbeddingResponse bits = embed(inputs, EmbeddingCreateParams.EncodingFormat.BASE64);

        assertThat(floats.data()).hasSize(2);
        assertThat(floats.usage().promptTokens()).isPositive();
        for (int i = 0; i < inputs.size(); i++) {
            List<Float> vector = floats.data().get(i).embedding();
            assertThat(bits.data().get(i).embedding()).isEqualTo(vector);
            double squares = vector.stream().mapToDouble(x -> (double) x * x).sum();
            assertThat(squares).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void wrongRequestsNameTheField() {
        assertRefused("temperature", request -> request.temperature(-1));
        assertRefused("top_p", request -> request.topP(1.5));
        assertRefused("n", request -> request.n(0));
        assertRefused("max_tokens", request -> request.maxTokens(0));
        assertRefused("messages", request -> request.messages(List.of()));

        NotFoundException unknown =
                catchThrowableOfType(
                        NotFoundException.class, () -> chat(request -> request.model("nobody")));
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.code()).contains("model_not_found");
        assertThat(unknown.param()).contains("model");
    }

    @Test
    void aPromptBeyondTheContextIsRefusedWithTheNumbers() {
        CompletionCreateParams endless = completion().prompt("x ".repeat(20_000)).build();

        assertThatThrownBy(() -> client.completions().create(endless))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("5120");
    }

    @Test
    void aWrongKeyIsRefused() {
        OpenAIClient stranger = client("wrong");
        try {
            assertThatThrownBy(() -> stranger.models().list())
                    .isInstanceOf(UnauthorizedException.class);
        } finally {
            stranger.close();
        }
    }

    @Test
    void goingAwayEndsTheWork() throws Exception {
        ChatCompletionCreateParams endless =
                request(
                        builder ->
                                builder.maxTokens(4000)
                                        .putAdditionalBodyProperty(
                                                "ignore_eos", JsonValue.from(true)));
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(endless)) {
            assertThat(stream.stream().findFirst()).isPresent();
            assertThat(running()).isGreaterThanOrEqualTo(1);
        }

        // 4000 tokens take far longer than this loop may: an answer that went on would be seen.
        int polls = 0;
        while (running() > 0) {
            assertThat(++polls).as("polls while the answer still runs").isLessThan(2000);
        }
    }

    private static OpenAIClient client(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(cairn.url().resolve("/v1").toString())
                .apiKey(key)
                .maxRetries(0)
                .timeout(Duration.ofMinutes(3))
                .responseValidation(true)
                .build();
    }

    private static ChatCompletionCreateParams request(
            Consumer<ChatCompletionCreateParams.Builder> change) {
        ChatCompletionCreateParams.Builder builder =
                ChatCompletionCreateParams.builder()
                        .model(CHAT)
                        .addUserMessage("Who are you?")
                        .maxTokens(24)
                        .temperature(0);
        change.accept(builder);
        return builder.build();
    }

    private static ChatCompletion chat(Consumer<ChatCompletionCreateParams.Builder> change) {
        return client.chat().completions().create(request(change));
    }

    private static List<ChatCompletionChunk> stream(
            Consumer<ChatCompletionCreateParams.Builder> change) {
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(request(change))) {
            return stream.stream().toList();
        }
    }

    /** At this temperature a model says anything, however sure it was. */
    private static List<String> draw(long seed) {
        return chat(request -> request.n(4).seed(seed).temperature(2).maxTokens(16))
                .choices()
                .stream()
                .map(OpenAiJavaIT::text)
                .toList();
    }

    private static CompletionCreateParams.Builder completion() {
        return CompletionCreateParams.builder().model(CHAT).maxTokens(8).temperature(0);
    }

    private static CreateEmbeddingResponse embed(
            List<String> inputs, EmbeddingCreateParams.EncodingFormat format) {
        return client.embeddings()
                .create(
                        EmbeddingCreateParams.builder()
                                .model(EMBEDDING)
                                .inputOfArrayOfStrings(inputs)
                                .encodingFormat(format)
                                .build());
    }

    private static void assertRefused(
            String field, Consumer<ChatCompletionCreateParams.Builder> change) {
        BadRequestException refused =
                catchThrowableOfType(BadRequestException.class, () -> chat(change));
        assertThat(refused).as(field).isNotNull();
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.param()).contains(field);
        assertThat(refused.type()).contains("invalid_request_error");
        assertThat(refused.getMessage()).contains(field);
    }

    private static String text(ChatCompletion.Choice choice) {
        return choice.message().content().orElse("");
    }

    private static String textOf(List<ChatCompletionChunk> chunks) {
        StringBuilder text = new StringBuilder();
        chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .forEach(choice -> choice.delta().content().ifPresent(text::append));
        return text.toString();
    }

    private static double running() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(cairn.url().resolve("/metrics"))
                        .header("Authorization", "Bearer " + KEY)
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            String page = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return page.lines()
                    .filter(line -> line.startsWith("vllm:num_requests_running{"))
                    .mapToDouble(
                            line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }
}
