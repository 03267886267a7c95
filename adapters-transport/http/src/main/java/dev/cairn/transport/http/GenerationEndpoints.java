package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import java.util.List;
import java.util.function.LongSupplier;

/** {@code /v1/chat/completions} and {@code /v1/completions}. Immutable. */
record GenerationEndpoints(
        InferenceService service,
        AnswerDelivery delivery,
        ChatRequest.Bounds bounds,
        LongSupplier epochMillis,
        RequestNames names) {

    void chat(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        var request = ChatRequest.read(fields, exchange.caller(), now(), service.models(), bounds);
        exchange.report(fields.unread());
        var calls = List.of(request.call());
        names.named(exchange.requestId(), request.call().id());
        if (request.streaming().on()) {
            delivery.stream(calls, new ChatChunks(request), exchange);
        } else {
            delivery.whole(calls, new ChatAnswer(request), exchange);
        }
    }

    void completions(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        var request =
                CompletionRequest.read(fields, exchange.caller(), now(), service.models(), bounds);
        exchange.report(fields.unread());
        names.named(exchange.requestId(), request.calls().getFirst().id());
        var choices = new CompletionChoices(request, () -> service.codec(request.head().model()));
        if (request.streaming().on()) {
            delivery.stream(request.calls(), new CompletionChunks(request, choices), exchange);
        } else {
            delivery.whole(request.calls(), new CompletionAnswer(request, choices), exchange);
        }
    }

    private long now() {
        return epochMillis.getAsLong() / 1_000;
    }
}
