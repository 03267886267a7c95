package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.WorkerService;
import java.time.Duration;

/**
 * {@code /v1/cairn/role} and {@code /v1/cairn/drain}: what this process does in its fleet. A field
 * that a verb does not know is refused. Immutable.
 */
record WorkerEndpoints(InferenceService service, LiveRequests live) {

    private static final int USUAL_SECONDS = 60;
    private static final int MOST_SECONDS = 3_600;

    void role(Exchange exchange) {
        exchange.reply(worker().duty());
    }

    void changeRole(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        String role =
                fields.text("role")
                        .orElseThrow(
                                () -> fields.invalid("role", "is required: prefill or decode"));
        checkRead(fields);
        exchange.reply(worker().changeRole(role));
    }

    void drain(Exchange exchange) {
        Fields fields = Fields.of(exchange.body());
        int seconds = fields.integer("seconds").orElse(USUAL_SECONDS);
        checkRead(fields);
        if (seconds < 1 || seconds > MOST_SECONDS) {
            throw fields.invalid(
                    "seconds", "must be from 1 to " + MOST_SECONDS + ", got " + seconds);
        }
        exchange.reply(
                Awaited.get(live, done -> worker().drain(Duration.ofSeconds(seconds), done)));
    }

    private WorkerService worker() {
        return service.worker()
                .orElseThrow(
                        () ->
                                new RequestRefused(
                                        RequestProblem.of(
                                                Category.NOT_SERVED,
                                                "not_served",
                                                "this process is no worker of a fleet: that takes"
                                                        + " --role prefill or decode, or"
                                                        + " --cluster-port")));
    }

    private static void checkRead(Fields fields) {
        fields.unread().stream()
                .findFirst()
                .ifPresent(
                        name -> {
                            throw fields.invalid(Echo.of(name), "this verb has no such field");
                        });
    }
}
