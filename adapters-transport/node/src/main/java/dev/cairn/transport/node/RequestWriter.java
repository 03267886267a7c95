package dev.cairn.transport.node;

import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.Booked;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.StopConditions;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;

/**
 * A request as bytes: the length of a JSON head, the head, and the tokens that it counts. What has
 * its default is left out.
 */
final class RequestWriter {

    private RequestWriter() {}

    /**
     * @param nowNanos on the clock of the request's times: what travels is how long ago and how
     *     long from now
     */
    static byte[] write(GenerationRequest request, long nowNanos) {
        var out = new FrameWriter();
        out.putText(JsonWriter.write(head(request, nowNanos)));
        for (int id : request.prompt()) {
            out.putInt(id);
        }
        for (Continuation.Begun begun : request.continuation().choices()) {
            for (int id : begun.tokens()) {
                out.putInt(id);
            }
        }
        return out.toBytes();
    }

    private static JsonObject head(GenerationRequest request, long now) {
        JsonValue.Builder head =
                JsonObject.builder()
                        .put("version", NodeProtocol.VERSION)
                        .put("id", request.id())
                        .put("model", request.model())
                        .put("prompt_tokens", request.prompt().length)
                        .put("choices", request.choices())
                        .put("seed", request.seed())
                        .put("sampling", sampling(request.sampling()))
                        .put("stop", stop(request.stop()))
                        .put("waited_nanos", now - request.arrivalNanos());
        if (!request.allowedTokenIds().isEmpty()) {
            head.put("allowed_token_ids", Members.integers(request.allowedTokenIds()));
        }
        if (!request.badWords().isEmpty()) {
            head.put(
                    "bad_words",
                    new JsonArray(
                            request.badWords().stream()
                                    .<JsonValue>map(Members::integers)
                                    .toList()));
        }
        request.format().ifPresent(format -> head.put("format", FormatJson.write(format)));
        request.beams().ifPresent(beams -> head.put("beams", beams(beams)));
        if (request.topLogprobs() >= 0) {
            head.put("top_logprobs", request.topLogprobs());
        }
        if (request.promptLogprobs() >= 0) {
            head.put("prompt_logprobs", request.promptLogprobs());
        }
        if (!request.tenant().isEmpty()) {
            head.put("tenant", request.tenant());
        }
        if (request.adapter().isPresent()) {
            head.put(
                    "adapter",
                    JsonObject.builder()
                            .put("name", request.adapter().name())
                            .put("digest", request.adapter().digest())
                            .build());
        }
        if (request.priority() != 0) {
            head.put("priority", request.priority());
        }
        request.deadlineNanos().ifPresent(at -> head.put("remaining_nanos", at - now));
        if (request.trace().isPresent()) {
            head.put("traceparent", request.trace().traceparent());
            head.put("tracestate", request.trace().tracestate());
        }
        if (!request.continuation().equals(Continuation.NONE)) {
            head.put("continuation", continuation(request.continuation()));
        }
        request.prefillAt()
                .ifPresent(
                        place ->
                                head.put(
                                        "prefill_at",
                                        JsonObject.builder()
                                                .put("member", place.member())
                                                .put("address", place.address())
                                                .build()));
        if (request.booked().isPresent()) {
            head.put("booked", booked(request.booked()));
        }
        return head.build();
    }

    private static JsonObject booked(Booked booked) {
        return JsonObject.builder()
                .put("router", booked.router())
                .put("blocks", booked.blocks())
                .put("tokens", booked.tokens())
                .put("reader_tokens", booked.readerTokens())
                .build();
    }

    private static JsonObject sampling(SamplingParameters sampling) {
        JsonValue.Builder object =
                JsonObject.builder()
                        .put("temperature", sampling.temperature())
                        .put("top_p", sampling.topP())
                        .put("top_k", sampling.topK())
                        .put("min_p", sampling.minP());
        if (sampling.penalises()) {
            object.put("presence_penalty", sampling.presencePenalty())
                    .put("frequency_penalty", sampling.frequencyPenalty())
                    .put("repetition_penalty", sampling.repetitionPenalty());
        }
        if (!sampling.logitBias().isEmpty()) {
            JsonValue.Builder biases = JsonObject.builder();
            sampling.logitBias().forEach((id, bias) -> biases.put(id.toString(), (double) bias));
            object.put("logit_bias", biases.build());
        }
        return object.build();
    }

    private static JsonObject stop(StopConditions stop) {
        return JsonObject.builder()
                .put("max_tokens", stop.maxTokens())
                .put("min_tokens", stop.minTokens())
                .put("strings", Members.texts(stop.strings()))
                .put("token_ids", Members.integers(stop.tokenIds()))
                .put("end_of_sequence_ids", Members.integers(stop.endOfSequenceIds()))
                .put("include_stop_string", stop.includeStopString())
                .put("skip_special_tokens", stop.skipSpecialTokens())
                .build();
    }

    private static JsonObject beams(BeamSearch beams) {
        return JsonObject.builder()
                .put("width", beams.width())
                .put("length_penalty", beams.lengthPenalty())
                .put("early_stopping", beams.earlyStopping())
                .build();
    }

    private static JsonObject continuation(Continuation continuation) {
        return JsonObject.builder()
                .put("told", continuation.told())
                .put(
                        "choices",
                        new JsonArray(
                                continuation.choices().stream()
                                        .<JsonValue>map(RequestWriter::begun)
                                        .toList()))
                .build();
    }

    private static JsonObject begun(Continuation.Begun begun) {
        return JsonObject.builder()
                .put("choice", begun.choice())
                .put("tokens", begun.tokens().length)
                .put("has_ended", begun.hasEnded())
                .build();
    }
}
