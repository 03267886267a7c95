package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The fields that chat and completion requests share. Types are judged here, values by the core,
 * which knows the model.
 *
 * @param maxTokens empty = rest of the context
 * @param topLogprobs as {@link GenerationCall#topLogprobs}
 * @param promptLogprobs as {@link GenerationCall#promptLogprobs}
 * @param shape as {@link GenerationCall#shape}
 */
record CallFields(
        Fields fields,
        Caller caller,
        String model,
        OptionalInt maxTokens,
        OptionalInt topLogprobs,
        OptionalInt promptLogprobs,
        AnswerShape shape) {

    /** As the core's own limit, so that a long list is refused before it is read. */
    private static final int LONGEST_LIST = 65_536;

    GenerationCall call(String id, Prompt prompt) {
        return new GenerationCall(
                id,
                model,
                prompt,
                choices(fields),
                maxTokens,
                fields.integer("min_tokens"),
                fields.decimal("temperature"),
                fields.decimal("top_p"),
                fields.integer("top_k"),
                fields.decimal("min_p"),
                fields.decimal("presence_penalty"),
                fields.decimal("frequency_penalty"),
                fields.decimal("repetition_penalty"),
                fields.longInteger("seed"),
                logitBias(),
                fields.integers("allowed_token_ids"),
                fields.texts("bad_words").orElse(List.of()),
                fields.textOrTexts("stop"),
                fields.integers("stop_token_ids").orElse(List.of()),
                fields.flag("ignore_eos", false),
                fields.flag("include_stop_str_in_output", false),
                fields.flag("skip_special_tokens", true),
                topLogprobs,
                promptLogprobs,
                fields.integer("truncate_prompt_tokens"),
                shape,
                BeamFields.read(fields),
                fields.integer("priority").orElse(0),
                tenant(),
                caller.session(),
                caller.timeoutMillis(),
                caller.trace());
    }

    static int choices(Fields fields) {
        int choices = fields.integer("n").orElse(1);
        if (choices < 1) {
            throw fields.invalid("n", "must be at least 1, got " + choices);
        }
        return choices;
    }

    /**
     * The model that a request names, or the first that can serve it; as in vLLM, "" names none.
     */
    static String model(Fields fields, List<ServedModel> models, ServedModel.Kind kind) {
        return fields.text("model")
                .filter(name -> !name.isEmpty())
                .orElseGet(
                        () ->
                                models.stream()
                                        .filter(model -> model.kind() == kind)
                                        .map(ServedModel::name)
                                        .findFirst()
                                        .orElseThrow(() -> noModel(kind)));
    }

    /**
     * A number of log-probabilities within the server's bound.
     *
     * @throws RequestRefused naming the field
     */
    static OptionalInt logprobs(Fields fields, String name, int most) {
        OptionalInt count = fields.integer(name);
        if (count.isPresent() && (count.getAsInt() < 0 || count.getAsInt() > most)) {
            throw fields.invalid(name, "must be from 0 to " + most + ", got " + count.getAsInt());
        }
        return count;
    }

    /** {@code prompt_logprobs}, which no stream has. */
    static OptionalInt promptLogprobs(Fields fields, Streaming streaming, int most) {
        OptionalInt count = logprobs(fields, "prompt_logprobs", most);
        if (count.isPresent() && streaming.on()) {
            throw fields.invalid("prompt_logprobs", "is not available when stream is true");
        }
        return count;
    }

    private Map<Integer, Float> logitBias() {
        Map<Integer, Float> bias = new HashMap<>();
        fields.child("logit_bias")
                .ifPresent(
                        child ->
                                child.object()
                                        .members()
                                        .forEach((id, value) -> putBias(child, id, value, bias)));
        return bias;
    }

    private static void putBias(
            Fields child, String id, JsonValue value, Map<Integer, Float> bias) {
        if (bias.size() == LONGEST_LIST) {
            throw child.invalid("", "has more than " + LONGEST_LIST + " entries");
        }
        int token;
        try {
            token = Integer.parseInt(id);
        } catch (NumberFormatException none) {
            throw child.invalid(Echo.of(id), "is no token id");
        }
        if (!(value instanceof JsonNumber number)
                || !Float.isFinite((float) number.doubleValue())) {
            throw child.wrongType(id, "a number", value);
        }
        bias.put(token, (float) number.doubleValue());
    }

    private String tenant() {
        return salted(fields, caller.tenant());
    }

    /** A tenant, with the {@code cache_salt} of a request that brings one. */
    static String salted(Fields fields, String tenant) {
        return fields.text("cache_salt")
                .map(
                        salt -> {
                            if (salt.isEmpty() || salt.length() > 1024) {
                                throw fields.invalid(
                                        "cache_salt", "must have 1 to 1024 characters");
                            }
                            return Access.salted(tenant, salt);
                        })
                .orElse(tenant);
    }

    private static RequestRefused noModel(ServedModel.Kind kind) {
        String what =
                switch (kind) {
                    case GENERATION -> "generates text";
                    case EMBEDDING -> "embeds";
                    case SCORE -> "scores";
                };
        return new RequestRefused(
                RequestProblem.of(
                        Category.NOT_FOUND,
                        "model_not_found",
                        "no model that " + what + " is served here"));
    }
}
