package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.function.Supplier;

/** What machines ask a server about itself. Immutable. */
record StateEndpoints(
        InferenceService service, LiveRequests live, String version, Supplier<String> metricsPage) {

    /** The process answers; 200 without a body, as vLLM's. */
    void health(Exchange exchange) {
        exchange.reply(200, Exchange.JSON, "");
    }

    /** A request would be served. */
    void ready(Exchange exchange) {
        if (live.draining()) {
            throw new RequestRefused(Problems.draining());
        }
        service.unreadyBecause()
                .ifPresent(
                        reason -> {
                            throw new RequestRefused(
                                    RequestProblem.of(Category.UNAVAILABLE, "not_ready", reason));
                        });
        exchange.reply(JsonObject.builder().put("status", "ready").build());
    }

    void version(Exchange exchange) {
        exchange.reply(JsonObject.builder().put("version", version).build());
    }

    void metrics(Exchange exchange) {
        exchange.reply(200, "text/plain; version=0.0.4; charset=utf-8", metricsPage.get());
    }
}
