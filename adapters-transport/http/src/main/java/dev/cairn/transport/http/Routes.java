package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.telemetry.Telemetry;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds the endpoint of a request, judges who may use it, and turns what goes wrong into an answer.
 * Threads: any, after {@link Builder#build}.
 */
final class Routes implements Handler {

    private static final System.Logger LOGGER = System.getLogger(Routes.class.getName());

    /** Who may use a path. */
    enum Guard {
        /** Everybody, for probes. */
        NOBODY,
        /** Who has a key, if keys are asked for. */
        KEY,
        /** The administrator. */
        ADMINISTRATOR
    }

    private final Map<String, Route> exact;
    private final Map<String, Route> prefixes;
    private final Access access;
    private final HttpOptions.Limits limits;
    private final LiveRequests live;
    private final List<Guest> guests;
    private final Telemetry.Counter requests;

    private Routes(Builder builder) {
        this.exact = Map.copyOf(builder.exact);
        this.prefixes = Map.copyOf(builder.prefixes);
        this.access = builder.access;
        this.limits = builder.limits;
        this.live = builder.live;
        this.guests = List.copyOf(builder.guests);
        this.requests =
                builder.telemetry.counter(
                        "cairn:http_requests_total",
                        "HTTP requests answered.",
                        List.of("handler", "method", "status"));
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        ClientConnection connection = ClientConnection.CURRENT.get();
        connection.requestBegins();
        String path = request.path().path();
        for (Guest guest : guests) {
            if (path.startsWith(guest.prefix())) {
                serve(guest, connection, request, response);
                return;
            }
        }
        var exchange =
                new Exchange(
                        request,
                        response,
                        connection,
                        limits,
                        RequestHeaders.requestId(request.headers()));
        Optional<Route> route = find(exchange.path());
        try {
            if (live.draining()) {
                exchange.header("Connection", "close");
            }
            serve(route, exchange);
        } finally {
            connection.requestEnds();
            if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
                connection.lastRequestServed();
            }
            requests.add(
                    1,
                    route.map(Route::path).orElse("unknown"),
                    route.isPresent() ? exchange.method() : "unknown",
                    Integer.toString(exchange.status()));
        }
    }

    private void serve(
            Guest guest,
            ClientConnection connection,
            ServerRequest request,
            ServerResponse response) {
        try {
            guest.serve(request, response, connection);
        } finally {
            connection.requestEnds();
            if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
                connection.refuseUnread();
                connection.lastRequestServed();
            }
            requests.add(
                    1,
                    guest.prefix(),
                    request.prologue().method().text().equals("POST") ? "POST" : "unknown",
                    Integer.toString(response.status().code()));
        }
    }

    private void serve(Optional<Route> route, Exchange exchange) {
        try {
            admit(route.map(Route::guard).orElse(Guard.KEY), exchange);
            endpoint(route, exchange).serve(exchange);
        } catch (RequestRefused refused) {
            LOGGER.log(
                    DEBUG, () -> exchange.requestId() + " refused: " + refused.problem().message());
            exchange.refuse(refused.problem());
        } catch (MethodNotAllowed wrong) {
            exchange.header("Allow", wrong.allowed);
            exchange.reply(405, error(wrong, "method_not_allowed"));
        } catch (Exchange.UnsupportedMedia wrong) {
            exchange.reply(415, error(wrong, "unsupported_media_type"));
        } catch (CloseConnectionException | RequestException transport) {
            throw transport;
        } catch (RuntimeException | Error bug) {
            // An Error that passed here would close the connection without a word in any log.
            LOGGER.log(WARNING, "request " + exchange.requestId() + " failed", bug);
            exchange.refuse(Problems.INTERNAL);
        }
    }

    private static JsonObject error(RuntimeException wrong, String code) {
        return Problems.body(wrong.getMessage(), "invalid_request_error", null, code);
    }

    private void admit(Guard guard, Exchange exchange) {
        switch (guard) {
            case NOBODY -> {}
            case KEY -> exchange.belongsTo(access.tenant(exchange.authorization()));
            case ADMINISTRATOR -> {
                access.demandAdministrator(exchange.authorization(), exchange.direct());
                exchange.belongsTo(access.tenant(exchange.authorization()));
            }
        }
    }

    private Optional<Route> find(String path) {
        Route route = exact.get(path);
        if (route != null) {
            return Optional.of(route);
        }
        return prefixes.values().stream()
                .filter(prefix -> path.startsWith(prefix.path()))
                .filter(prefix -> path.length() > prefix.path().length())
                .findFirst();
    }

    private static Endpoint endpoint(Optional<Route> route, Exchange exchange) {
        Route found = route.orElseThrow(() -> noRoute(exchange));
        Endpoint endpoint = found.endpoints().get(exchange.method());
        if (endpoint == null && exchange.method().equals("HEAD")) {
            endpoint = found.endpoints().get("GET");
        }
        if (endpoint == null) {
            throw new MethodNotAllowed(exchange, String.join(", ", found.endpoints().keySet()));
        }
        return endpoint;
    }

    static RequestRefused noRoute(Exchange exchange) {
        return new RequestRefused(
                RequestProblem.of(
                        Category.NOT_FOUND,
                        "unknown_url",
                        "Unknown request URL: "
                                + Echo.of(exchange.method())
                                + " "
                                + Echo.of(exchange.path())));
    }

    /**
     * A path and what it answers.
     *
     * @param endpoints by method, sorted
     */
    private record Route(String path, Guard guard, Map<String, Endpoint> endpoints) {}

    private static final class MethodNotAllowed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final String allowed;

        MethodNotAllowed(Exchange exchange, String allowed) {
            super(
                    "Method "
                            + Echo.of(exchange.method())
                            + " is not allowed for "
                            + exchange.path()
                            + "; use "
                            + allowed);
            this.allowed = allowed;
        }
    }

    /** Collects routes. One thread. */
    static final class Builder {

        private final Map<String, Route> exact = new TreeMap<>();
        private final Map<String, Route> prefixes = new TreeMap<>();
        private final List<Guest> guests = new ArrayList<>();
        private final Access access;
        private final HttpOptions.Limits limits;
        private final LiveRequests live;
        private final Telemetry telemetry;

        Builder(Access access, HttpOptions.Limits limits, LiveRequests live, Telemetry telemetry) {
            this.access = access;
            this.limits = limits;
            this.live = live;
            this.telemetry = telemetry;
        }

        Builder get(String path, Guard guard, Endpoint endpoint) {
            return add(exact, "GET", path, guard, endpoint);
        }

        Builder post(String path, Guard guard, Endpoint endpoint) {
            return add(exact, "POST", path, guard, endpoint);
        }

        /** Every path that begins so and goes on. */
        Builder getUnder(String prefix, Guard guard, Endpoint endpoint) {
            return add(prefixes, "GET", prefix, guard, endpoint);
        }

        /** Paths that somebody else answers. */
        Builder guests(List<Guest> others) {
            guests.addAll(others);
            return this;
        }

        Routes build() {
            return new Routes(this);
        }

        private Builder add(
                Map<String, Route> routes,
                String method,
                String path,
                Guard guard,
                Endpoint endpoint) {
            routes.computeIfAbsent(path, at -> new Route(at, guard, new TreeMap<>()))
                    .endpoints()
                    .put(method, endpoint);
            return this;
        }
    }
}
