package dev.cairn.distribution.wiring;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Timers;

/**
 * In the place of a model that is being loaded, or whose engine is broken: whoever asks may ask
 * somebody else. Immutable.
 */
final class AbsentBackend implements GenerationBackend {

    static final String LOADING = "the worker is loading its models";

    private final String reason;

    /**
     * @param reason why nothing is computed here, for people
     */
    AbsentBackend(String reason) {
        this.reason = reason;
    }

    @Override
    public BackendDescription description() {
        return new BackendDescription("", "", Integer.MAX_VALUE, reason);
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        events.on(new TokenEvent.Interrupted(reason));
        return () -> {};
    }

    @Override
    public LoadReport load() {
        return new LoadReport(0, 0, 0, 0, 0);
    }

    @Override
    public void close() {}
}
