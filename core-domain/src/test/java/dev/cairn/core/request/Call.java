package dev.cairn.core.request;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A call as a test wants it; what it does not say was left out by the client. */
final class Call {

    private Optional<BeamSearch> beams = Optional.empty();
    private String model = "toy";
    private Prompt prompt = new Prompt.Text("hello", false);
    private int choices = 1;
    private OptionalInt maxTokens = OptionalInt.of(20);
    private OptionalInt minTokens = OptionalInt.empty();
    private OptionalDouble temperature = OptionalDouble.empty();
    private OptionalDouble topP = OptionalDouble.empty();
    private OptionalInt topK = OptionalInt.empty();
    private OptionalDouble minP = OptionalDouble.empty();
    private OptionalDouble presence = OptionalDouble.empty();
    private OptionalDouble frequency = OptionalDouble.empty();
    private OptionalDouble repetition = OptionalDouble.empty();
    private OptionalLong seed = OptionalLong.empty();
    private Map<Integer, Float> bias = Map.of();
    private Optional<List<Integer>> allowed = Optional.empty();
    private List<String> badWords = List.of();
    private List<String> stop = List.of();
    private List<Integer> stopIds = List.of();
    private boolean ignoreEnd;
    private boolean includeStop;
    private OptionalInt topLogprobs = OptionalInt.empty();
    private OptionalInt promptLogprobs = OptionalInt.empty();
    private OptionalInt truncate = OptionalInt.empty();
    private AnswerShape shape = AnswerShape.TEXT;
    private int priority;
    private String tenant = "";

    static Prompt chat(boolean continueFinal) {
        return new Prompt.Chat(
                new TextCodec.Conversation(
                        List.of(new JsonValue.JsonObject(Map.of())),
                        List.of(),
                        !continueFinal,
                        continueFinal,
                        new JsonValue.JsonObject(Map.of()),
                        Optional.empty()),
                false);
    }

    Call model(String name) {
        model = name;
        return this;
    }

    Call prompt(Prompt value) {
        prompt = value;
        return this;
    }

    Call ids(int... ids) {
        return prompt(new Prompt.TokenIds(ids));
    }

    Call choices(int n) {
        choices = n;
        return this;
    }

    Call maxTokens(int tokens) {
        maxTokens = OptionalInt.of(tokens);
        return this;
    }

    Call restOfContext() {
        maxTokens = OptionalInt.empty();
        return this;
    }

    Call minTokens(int tokens) {
        minTokens = OptionalInt.of(tokens);
        return this;
    }

    Call temperature(double value) {
        temperature = OptionalDouble.of(value);
        return this;
    }

    Call topP(double value) {
        topP = OptionalDouble.of(value);
        return this;
    }

    Call topK(int value) {
        topK = OptionalInt.of(value);
        return this;
    }

    Call minP(double value) {
        minP = OptionalDouble.of(value);
        return this;
    }

    Call presence(double value) {
        presence = OptionalDouble.of(value);
        return this;
    }

    Call frequency(double value) {
        frequency = OptionalDouble.of(value);
        return this;
    }

    Call repetition(double value) {
        repetition = OptionalDouble.of(value);
        return this;
    }

    Call seed(long value) {
        seed = OptionalLong.of(value);
        return this;
    }

    Call bias(int id, float value) {
        bias = Map.of(id, value);
        return this;
    }

    Call allowed(Integer... ids) {
        allowed = Optional.of(List.of(ids));
        return this;
    }

    Call badWords(String... words) {
        badWords = List.of(words);
        return this;
    }

    Call stop(String... strings) {
        stop = List.of(strings);
        return this;
    }

    Call stop(List<String> strings) {
        stop = strings;
        return this;
    }

    Call stopIds(Integer... ids) {
        stopIds = List.of(ids);
        return this;
    }

    Call ignoreEnd() {
        ignoreEnd = true;
        return this;
    }

    Call includeStop() {
        includeStop = true;
        return this;
    }

    Call logprobs(int top) {
        topLogprobs = OptionalInt.of(top);
        return this;
    }

    Call promptLogprobs(int top) {
        promptLogprobs = OptionalInt.of(top);
        return this;
    }

    Call truncate(int tokens) {
        truncate = OptionalInt.of(tokens);
        return this;
    }

    Call beams(int width, float lengthPenalty) {
        beams = Optional.of(new BeamSearch(width, lengthPenalty, false));
        return this;
    }

    Call shape(AnswerShape value) {
        shape = value;
        return this;
    }

    Call priority(int value) {
        priority = value;
        return this;
    }

    Call tenant(String value) {
        tenant = value;
        return this;
    }

    GenerationCall call() {
        return new GenerationCall(
                "request",
                model,
                prompt,
                choices,
                maxTokens,
                minTokens,
                temperature,
                topP,
                topK,
                minP,
                presence,
                frequency,
                repetition,
                seed,
                bias,
                allowed,
                badWords,
                stop,
                stopIds,
                ignoreEnd,
                includeStop,
                true,
                topLogprobs,
                promptLogprobs,
                truncate,
                shape,
                beams,
                priority,
                tenant,
                "",
                OptionalLong.empty(),
                TraceContext.NONE);
    }
}
