package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** {@code /v1/models} and {@code /v1/models/{id}}. Immutable. */
record ModelEndpoints(InferenceService service) {

    static final String PREFIX = "/v1/models/";

    void all(Exchange exchange) {
        exchange.reply(
                JsonObject.builder()
                        .put("object", "list")
                        .put(
                                "data",
                                JsonValue.array(
                                        models(exchange).map(ModelEndpoints::body).toList()))
                        .build());
    }

    /** An id may have slashes. */
    void one(Exchange exchange) {
        String name = exchange.path().substring(PREFIX.length());
        exchange.reply(
                models(exchange)
                        .filter(model -> model.name().equals(name))
                        .findFirst()
                        .map(ModelEndpoints::body)
                        .orElseThrow(() -> unknown(name)));
    }

    /** What the caller may use. */
    private Stream<ServedModel> models(Exchange exchange) {
        String tenant = exchange.caller().tenant();
        return service.models().stream().filter(model -> service.mayUse(tenant, model.name()));
    }

    private static JsonObject body(ServedModel model) {
        JsonValue.Builder body =
                JsonObject.builder()
                        .put("id", model.name())
                        .put("object", "model")
                        .put("created", model.createdEpochSeconds())
                        .put("owned_by", "cairn")
                        .put("root", model.root());
        model.parent()
                .ifPresentOrElse(
                        parent -> body.put("parent", parent), () -> body.putNull("parent"));
        return body.put("max_model_len", (long) model.maxModelLength())
                .put("permission", JsonValue.array(List.of()))
                .build();
    }

    private static RequestRefused unknown(String name) {
        return new RequestRefused(
                new RequestProblem(
                        Category.NOT_FOUND,
                        "The model `" + Echo.of(name) + "` does not exist here",
                        Optional.of("model"),
                        "model_not_found",
                        OptionalLong.empty()));
    }
}
