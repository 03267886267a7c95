package dev.cairn.transport.http;

import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * vLLM's {@code /sleep}, {@code /wake_up} and {@code /is_sleeping}. Both answer when it is done.
 * Immutable.
 */
record SleepEndpoints(InferenceService service, LiveRequests live) {

    /**
     * {@code level} 1 or 2, both of which give weights and KV blocks back: on a CPU there is no
     * other memory to which weights could be moved. {@code mode} is what becomes of live requests.
     */
    void sleep(Exchange exchange) {
        exchange.query("level")
                .filter(level -> !level.equals("1") && !level.equals("2"))
                .ifPresent(
                        level -> {
                            throw invalid("level", "must be 1 or 2, got " + Echo.of(level));
                        });
        SleepMode mode = exchange.query("mode").map(SleepEndpoints::mode).orElse(SleepMode.ABORT);
        Awaited.<Void>get(live, done -> sleeper().sleep(mode, done));
        exchange.reply(200, Exchange.JSON, "");
    }

    /** {@code tags}, where given, names both parts: neither is of use without the other. */
    void wake(Exchange exchange) {
        List<String> tags =
                exchange.query("tags")
                        .map(text -> Arrays.asList(text.split(",")))
                        .orElse(List.of("weights", "kv_cache"));
        if (!tags.containsAll(List.of("weights", "kv_cache")) || tags.size() != 2) {
            throw invalid("tags", "must be weights,kv_cache, or be left out: they wake together");
        }
        Awaited.<Void>get(live, done -> sleeper().wake(done));
        exchange.reply(200, Exchange.JSON, "");
    }

    void isSleeping(Exchange exchange) {
        boolean asleep = service.sleeper().filter(Sleeper::isAsleep).isPresent();
        exchange.reply(JsonObject.builder().put("is_sleeping", asleep).build());
    }

    private static SleepMode mode(String name) {
        return switch (name) {
            case "abort" -> SleepMode.ABORT;
            case "wait" -> SleepMode.WAIT;
            case "keep" -> SleepMode.KEEP;
            default -> throw invalid("mode", "must be abort, wait or keep, got " + Echo.of(name));
        };
    }

    private Sleeper sleeper() {
        return service.sleeper()
                .orElseThrow(
                        () ->
                                new RequestRefused(
                                        RequestProblem.of(
                                                Category.NOT_SERVED,
                                                "not_served",
                                                "nothing here can sleep")));
    }

    private static RequestRefused invalid(String parameter, String message) {
        return new RequestRefused(
                new RequestProblem(
                        Category.INVALID,
                        parameter + " " + message,
                        Optional.of(parameter),
                        "invalid_value",
                        OptionalLong.empty()));
    }
}
