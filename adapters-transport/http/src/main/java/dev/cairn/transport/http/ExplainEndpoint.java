package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Optional;

/** {@code GET /v1/cairn/explain/{id}}: why a request went where it went. Immutable. */
record ExplainEndpoint(InferenceService service, LiveRequests live, RequestNames names)
        implements Endpoint {

    static final String PREFIX = "/v1/cairn/explain/";

    @Override
    public void serve(Exchange exchange) {
        String id = exchange.path().substring(PREFIX.length());
        Optional<JsonObject> story =
                Awaited.get(live, done -> service.explain(names.idOf(id), done));
        exchange.reply(story.orElseThrow(() -> unknown(id)));
    }

    private static RequestRefused unknown(String id) {
        return new RequestRefused(
                RequestProblem.of(
                        Category.NOT_FOUND,
                        "request_not_found",
                        "the request "
                                + Echo.of(id)
                                + " is not known here: it is long over, or was not sent on by a"
                                + " router; give the id of its answer or its x-request-id"));
    }
}
