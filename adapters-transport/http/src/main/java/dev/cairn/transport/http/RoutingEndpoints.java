package dev.cairn.transport.http;

import dev.cairn.ports.fleet.RoutingControl;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * {@code /v1/cairn/routing}: the policies of a router, and how they are swapped; {@code
 * /v1/cairn/workers}: who is there. Immutable.
 */
record RoutingEndpoints(InferenceService service, LiveRequests live) {

    static final String PATH = "/v1/cairn/routing";
    static final String WORKERS = "/v1/cairn/workers";

    void status(Exchange exchange) {
        exchange.reply(json(routing().status()));
    }

    /** {@code policy} decides from now on, {@code shadow_policy} is asked besides; "" = none. */
    void change(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        Optional<String> policy = fields.text("policy");
        Optional<String> shadow = fields.text("shadow_policy");
        List<String> unread = fields.unread();
        if (!unread.isEmpty()) {
            throw fields.invalid(
                    unread.getFirst(), "is not known here; there are policy and shadow_policy");
        }
        if (policy.isEmpty() && shadow.isEmpty()) {
            throw fields.invalid("policy", "say which policy decides, or shadow_policy, or both");
        }
        exchange.reply(json(routing().change(policy, shadow)));
    }

    void workers(Exchange exchange) {
        RoutingControl routing = routing();
        List<JsonObject> workers = Awaited.get(live, routing::workers);
        exchange.reply(
                JsonObject.builder()
                        .put("workers", JsonValue.array(List.<JsonValue>copyOf(workers)))
                        .build());
    }

    private RoutingControl routing() {
        return service.routing()
                .orElseThrow(
                        () ->
                                new RequestRefused(
                                        RequestProblem.of(
                                                Category.NOT_FOUND,
                                                "no_router",
                                                "nothing is routed here: ask a router"
                                                        + " (cairn serve --role router)")));
    }

    private static JsonObject json(RoutingControl.Status status) {
        JsonValue.Builder json = JsonObject.builder().put("policy", status.policy());
        status.shadow().ifPresent(name -> json.put("shadow_policy", name));
        return json.put(
                        "policies",
                        JsonValue.array(
                                status.policies().stream()
                                        .<JsonValue>map(JsonValue.JsonString::new)
                                        .toList()))
                .build();
    }
}
