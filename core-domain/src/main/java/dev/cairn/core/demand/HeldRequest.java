package dev.cairn.core.demand;

import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Timers.Cancellation;

/** A request on its way to a model. Belongs to the desk's turns. */
final class HeldRequest {

    final Place place;
    final GenerationRequest request;
    private final TokenListener events;
    private Cancellation running;
    private Cancellation deadline = () -> {};
    private boolean over;

    HeldRequest(Place place, GenerationRequest request, TokenListener events) {
        this.place = place;
        this.request = request;
        this.events = events;
    }

    void callAt(Cancellation timer) {
        deadline = timer;
    }

    /**
     * Hands it to the model. Its events go straight to who asked.
     *
     * @param ended called after the last event
     */
    void start(Runnable ended) {
        deadline.cancel();
        running =
                place.backend.generate(
                        request,
                        event -> {
                            events.on(event);
                            if (isLast(event)) {
                                ended.run();
                            }
                        });
    }

    private static boolean isLast(TokenEvent event) {
        return switch (event) {
            case TokenEvent.Ended _, TokenEvent.Failed _, TokenEvent.Interrupted _ -> true;
            case TokenEvent.PromptDone _, TokenEvent.Tokens _, TokenEvent.ChoiceEnded _ -> false;
        };
    }

    /** Ends it before a model has seen it; of several reasons the first counts. */
    void fail(RequestProblem problem) {
        deadline.cancel();
        if (!over && running == null) {
            over = true;
            events.on(new TokenEvent.Failed(problem));
        }
    }

    /** Aborts it where it runs. */
    void abort() {
        if (running != null) {
            running.cancel();
        }
    }
}
