package dev.cairn.engine.remote;

import dev.cairn.ports.relay.RelayDesk;
import dev.cairn.ports.relay.RelayGate;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What a relay answers itself, and who may ask for what. The loop's thread. */
final class OwnPages {

    static final String JSON = "application/json";

    private static final String MODELS = "/v1/models";
    private static final String EXPLAIN = "/v1/cairn/explain/";
    private static final String WORKERS = "/v1/cairn/workers";
    private static final String ADMIN = "/v1/cairn/";

    /** Paths that ask for no key, for probes. */
    private static final List<String> OPEN = List.of("/health", "/ping", "/ready");

    private static final Map<Integer, String> REASONS =
            Map.ofEntries(
                    Map.entry(200, "OK"),
                    Map.entry(400, "Bad Request"),
                    Map.entry(401, "Unauthorized"),
                    Map.entry(403, "Forbidden"),
                    Map.entry(404, "Not Found"),
                    Map.entry(405, "Method Not Allowed"),
                    Map.entry(413, "Content Too Large"),
                    Map.entry(415, "Unsupported Media Type"),
                    Map.entry(417, "Expectation Failed"),
                    Map.entry(429, "Too Many Requests"),
                    Map.entry(431, "Request Header Fields Too Large"),
                    Map.entry(500, "Internal Server Error"),
                    Map.entry(501, "Not Implemented"),
                    Map.entry(503, "Service Unavailable"),
                    Map.entry(505, "HTTP Version Not Supported"));

    private final RelayDesk desk;
    private final LongSupplier nanos;
    private final String version;
    private final Supplier<String> metricsPage;

    OwnPages(RelayDesk desk, LongSupplier nanos, String version, Supplier<String> metricsPage) {
        this.desk = desk;
        this.nanos = nanos;
        this.version = version;
        this.metricsPage = metricsPage;
    }

    /**
     * An answer.
     *
     * @param headers further lines, each with its end
     */
    record Page(int status, String contentType, String headers, byte[] body) {

        static Page of(JsonObject body) {
            return of(200, JSON, JsonWriter.write(body));
        }

        static Page of(int status, String contentType, String body) {
            return new Page(status, contentType, "", body.getBytes(StandardCharsets.UTF_8));
        }

        static Page of(RequestProblem problem) {
            return new Page(
                    problem.category().status(),
                    JSON,
                    Refusals.headers(problem),
                    Refusals.body(problem).getBytes(StandardCharsets.UTF_8));
        }
    }

    static String reason(int status) {
        return REASONS.getOrDefault(status, "Unknown");
    }

    static RequestProblem draining() {
        return RequestProblem.of(
                Category.UNAVAILABLE, "draining", "this server is stopping; send it again");
    }

    /**
     * Judges where a request wants to go before its body is read.
     *
     * @return whose request it is
     * @throws RequestRefused if there is no such path, or it is not for this client
     */
    String route(RequestHead head, RelayGate gate, boolean isDirect) {
        String path = head.path();
        if (OPEN.contains(path)) {
            return "";
        }
        String tenant = "";
        if (path.startsWith(ADMIN)) {
            gate.demandAdministrator(head.authorization(), isDirect);
        } else {
            tenant = gate.admit(head.authorization());
        }
        boolean relayed = RelayedPath.of(path).isPresent();
        if (!relayed && !isOwn(path)) {
            throw unknown(head);
        }
        String wanted = relayed ? "POST" : "GET";
        boolean asksForHead = !relayed && head.method().equals("HEAD");
        if (!head.method().equals(wanted) && !asksForHead) {
            throw Refusals.refused(
                    Category.NOT_FOUND,
                    "unknown_url",
                    "Unknown request URL: "
                            + Refusals.quoted(head.method() + " " + path)
                            + "; use "
                            + wanted);
        }
        if (relayed && !head.isJson()) {
            throw Refusals.invalid(
                    "Content-Type",
                    "send Content-Type: application/json, got "
                            + (head.contentType().isEmpty()
                                    ? "none"
                                    : Refusals.quoted(head.contentType())));
        }
        return tenant;
    }

    private static boolean isOwn(String path) {
        return switch (path) {
            case "/version", "/metrics", MODELS, WORKERS -> true;
            default -> path.startsWith(MODELS + "/") || path.startsWith(EXPLAIN);
        };
    }

    private static RequestRefused unknown(RequestHead head) {
        return Refusals.refused(
                Category.NOT_FOUND,
                "unknown_url",
                "Unknown request URL: " + Refusals.quoted(head.method() + " " + head.path()));
    }

    /**
     * Answers a path that {@link #route} let through and that is not relayed.
     *
     * @param tenant as {@link #route} said
     */
    Page answer(RequestHead head, String tenant, boolean isDraining) {
        String path = head.path();
        return switch (path) {
            case "/health", "/ping" -> Page.of(200, JSON, "");
            case "/ready" -> ready(isDraining);
            case "/version" -> Page.of(JsonObject.builder().put("version", version).build());
            case "/metrics" ->
                    Page.of(200, "text/plain; version=0.0.4; charset=utf-8", metricsPage.get());
            case MODELS -> models(tenant);
            case WORKERS ->
                    Page.of(
                            JsonObject.builder()
                                    .put(
                                            "workers",
                                            JsonValue.array(
                                                    List.copyOf(
                                                            desk.workerReports(nanos.getAsLong()))))
                                    .build());
            default ->
                    path.startsWith(EXPLAIN)
                            ? explain(path.substring(EXPLAIN.length()))
                            : model(path.substring(MODELS.length() + 1), tenant);
        };
    }

    private Page ready(boolean isDraining) {
        if (isDraining) {
            return Page.of(draining());
        }
        return desk.unreadyBecause(nanos.getAsLong())
                .map(Page::of)
                .orElse(Page.of(JsonObject.builder().put("status", "ready").build()));
    }

    private Page models(String tenant) {
        return Page.of(
                JsonObject.builder()
                        .put("object", "list")
                        .put("data", JsonValue.array(List.copyOf(desk.models(tenant))))
                        .build());
    }

    private Page model(String name, String tenant) {
        for (JsonObject model : desk.models(tenant)) {
            if (model.member("id") instanceof JsonString(var id) && id.equals(name)) {
                return Page.of(model);
            }
        }
        return Page.of(
                RequestProblem.of(
                        Category.NOT_FOUND,
                        "model_not_found",
                        "The model `" + Refusals.quoted(name) + "` does not exist here"));
    }

    private Page explain(String requestId) {
        return desk.explain(requestId)
                .map(Page::of)
                .orElse(
                        Page.of(
                                RequestProblem.of(
                                        Category.NOT_FOUND,
                                        "unknown_request",
                                        "no request of this x-request-id is remembered")));
    }
}
