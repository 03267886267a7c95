package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.InferenceService.Scores;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.ScoreCall;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * {@code /score} as vLLM has it, and {@code /rerank} as Jina, Cohere and vLLM have it. Immutable.
 */
record ScoreEndpoints(InferenceService service, LiveRequests live, LongSupplier epochMillis) {

    /** OpenAI's bound for embeddings. */
    private static final int MOST_TEXTS = 2_048;

    private static final String DOCUMENTS = "documents";

    void score(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        String model = model(fields);
        List<String> first = texts(fields, "text_1");
        List<String> second = texts(fields, "text_2");
        Scores scores =
                scores(
                        new ScoreCall(
                                exchange.caller().tenant(),
                                model,
                                first,
                                second,
                                "text_1",
                                "text_2",
                                fields.integer("truncate_prompt_tokens")));
        List<JsonObject> data = new ArrayList<>(second.size());
        for (float score : scores.values()) {
            data.add(
                    JsonObject.builder()
                            .put("index", (long) data.size())
                            .put("object", "score")
                            .put("score", number(score))
                            .build());
        }
        exchange.reply(
                JsonObject.builder()
                        .put("id", "score-" + RequestHeaders.randomHex())
                        .put("object", "list")
                        .put("created", epochMillis.getAsLong() / 1000)
                        .put("model", model)
                        .put("data", JsonValue.array(data))
                        .put("usage", usage(scores))
                        .build());
    }

    void rerank(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        String model = model(fields);
        String query = fields.text("query").orElseThrow(() -> missing(fields, "query"));
        List<String> documents = documents(fields);
        int top = fields.integer("top_n").orElse(0);
        if (top < 0) {
            throw fields.invalid("top_n", "must not be negative, got " + top);
        }
        boolean withDocuments = fields.flag("return_documents", true);
        Scores scores =
                scores(
                        new ScoreCall(
                                exchange.caller().tenant(),
                                model,
                                List.of(query),
                                documents,
                                "query",
                                DOCUMENTS,
                                fields.integer("truncate_prompt_tokens")));
        List<JsonObject> results =
                best(scores.values(), top).stream()
                        .map(
                                i ->
                                        result(
                                                i,
                                                scores.values()[i],
                                                withDocuments ? documents.get(i) : null))
                        .toList();
        exchange.reply(
                JsonObject.builder()
                        .put("id", "rerank-" + RequestHeaders.randomHex())
                        .put("model", model)
                        .put("usage", usage(scores))
                        .put("results", JsonValue.array(results))
                        .build());
    }

    /**
     * Indices by score, the highest first; equals in the order of the documents.
     *
     * @param top how many; 0 = all
     */
    private static List<Integer> best(float[] scores, int top) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .limit(top == 0 ? scores.length : top)
                .toList();
    }

    private static JsonObject result(int index, float score, String document) {
        var result = JsonObject.builder().put("index", (long) index);
        if (document != null) {
            result.put("document", JsonObject.builder().put("text", document).build());
        }
        return result.put("relevance_score", number(score)).build();
    }

    /** A cross-encoder if the request names none, else an embedding model. */
    private String model(Fields fields) {
        List<ServedModel> models = service.models();
        boolean scorer = serves(models, ServedModel.Kind.SCORE);
        boolean embedder = serves(models, ServedModel.Kind.EMBEDDING);
        return CallFields.model(
                fields,
                models,
                embedder && !scorer ? ServedModel.Kind.EMBEDDING : ServedModel.Kind.SCORE);
    }

    private static boolean serves(List<ServedModel> models, ServedModel.Kind kind) {
        return models.stream().anyMatch(model -> model.kind() == kind);
    }

    private Scores scores(ScoreCall call) {
        return Waiting.answer(live, "the scoring", done -> service.score(call, done));
    }

    private static List<String> texts(Fields fields, String name) {
        if (!fields.has(name)) {
            throw missing(fields, name);
        }
        return bounded(fields, name, fields.textOrTexts(name));
    }

    private static List<String> documents(Fields fields) {
        List<JsonValue> values =
                fields.list(DOCUMENTS).orElseThrow(() -> missing(fields, DOCUMENTS));
        List<String> documents = new ArrayList<>(values.size());
        for (JsonValue value : bounded(fields, DOCUMENTS, values)) {
            JsonValue text = value instanceof JsonObject object ? object.member("text") : value;
            if (!(text instanceof JsonString(String document))) {
                throw fields.wrongType(
                        DOCUMENTS + "[" + documents.size() + "]",
                        "a string or an object with a text",
                        value);
            }
            documents.add(document);
        }
        return documents;
    }

    private static <T> List<T> bounded(Fields fields, String name, List<T> texts) {
        if (texts.isEmpty() || texts.size() > MOST_TEXTS) {
            throw fields.invalid(
                    name, "must have 1 to " + MOST_TEXTS + " texts, got " + texts.size());
        }
        return texts;
    }

    private static RequestRefused missing(Fields fields, String name) {
        return fields.invalid(name, "is required");
    }

    private static JsonObject usage(Scores scores) {
        return JsonObject.builder()
                .put("prompt_tokens", (long) scores.promptTokens())
                .put("total_tokens", (long) scores.promptTokens())
                .build();
    }

    private static JsonValue number(float score) {
        if (!Float.isFinite(score)) {
            throw new RequestRefused(
                    RequestProblem.of(
                            RequestProblem.Category.INTERNAL,
                            "internal_error",
                            "the model gave a score that is no number"));
        }
        return new JsonNumber(Float.toString(score));
    }
}
