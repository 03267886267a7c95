package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.InferenceService.Embeddings;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** {@code /v1/embeddings}. Immutable. */
record EmbeddingsEndpoint(InferenceService service, LiveRequests live) implements Endpoint {

    /** OpenAI's bound. */
    private static final int MOST_INPUTS = 2_048;

    @Override
    public void serve(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        boolean base64 = isBase64(fields);
        if (fields.has("truncate_prompt_tokens")) {
            throw Problems.notServed(
                    "truncate_prompt_tokens",
                    "truncate_prompt_tokens is not served for embeddings; send shorter inputs");
        }
        List<Prompt> inputs =
                Prompts.read(fields, "input", fields.flag("add_special_tokens", true));
        if (inputs.size() > MOST_INPUTS) {
            throw fields.invalid(
                    "input", "has " + inputs.size() + " inputs; send at most " + MOST_INPUTS);
        }
        String model = CallFields.model(fields, service.models(), ServedModel.Kind.EMBEDDING);
        int dimensions = dimensions(fields);
        Embeddings result =
                Waiting.answer(
                        live,
                        "the embedding",
                        done ->
                                service.embed(
                                        exchange.caller().tenant(),
                                        model,
                                        inputs,
                                        dimensions,
                                        done));
        exchange.reply(body(model, result, base64));
    }

    private static boolean isBase64(Fields fields) {
        String format = fields.text("encoding_format").orElse("float");
        if (!format.equals("float") && !format.equals("base64")) {
            throw fields.invalid(
                    "encoding_format",
                    "must be \"float\" or \"base64\", got \"" + Echo.of(format) + "\"");
        }
        return format.equals("base64");
    }

    private static int dimensions(Fields fields) {
        int dimensions = fields.integer("dimensions").orElse(0);
        if (fields.has("dimensions") && dimensions < 1) {
            throw fields.invalid("dimensions", "must be at least 1, got " + dimensions);
        }
        return dimensions;
    }

    private static JsonObject body(String model, Embeddings embeddings, boolean base64) {
        List<JsonObject> data = new ArrayList<>(embeddings.vectors().size());
        for (float[] vector : embeddings.vectors()) {
            data.add(
                    JsonObject.builder()
                            .put("object", "embedding")
                            .put("index", (long) data.size())
                            .put("embedding", base64 ? base64(vector) : floats(vector))
                            .build());
        }
        return JsonObject.builder()
                .put("object", "list")
                .put("data", JsonValue.array(data))
                .put("model", model)
                .put(
                        "usage",
                        JsonObject.builder()
                                .put("prompt_tokens", (long) embeddings.promptTokens())
                                .put("total_tokens", (long) embeddings.promptTokens())
                                .build())
                .build();
    }

    /** Little-endian float32, as OpenAI's clients decode it. */
    private static JsonValue base64(float[] vector) {
        ByteBuffer bytes =
                ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return JsonValue.of(Base64.getEncoder().encodeToString(bytes.array()));
    }

    private static JsonValue floats(float[] vector) {
        List<JsonValue> values = new ArrayList<>(vector.length);
        for (float value : vector) {
            if (!Float.isFinite(value)) {
                throw new RequestRefused(
                        RequestProblem.of(
                                RequestProblem.Category.INTERNAL,
                                "internal_error",
                                "the model gave a vector that is no number"));
            }
            values.add(new JsonNumber(Float.toString(value)));
        }
        return JsonValue.array(values);
    }
}
