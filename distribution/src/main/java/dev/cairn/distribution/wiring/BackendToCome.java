package dev.cairn.distribution.wiring;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Timers;

/** In the place of a model that is being loaded: whoever asks may ask somebody else. Immutable. */
final class BackendToCome implements GenerationBackend {

    private static final String LOADING = "the worker is loading its models";

    @Override
    public BackendDescription description() {
        return new BackendDescription("", "", Integer.MAX_VALUE, LOADING);
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        events.on(new TokenEvent.Interrupted(LOADING));
        return () -> {};
    }

    @Override
    public LoadReport load() {
        return new LoadReport(0, 0, 0, 0, 0);
    }

    @Override
    public void close() {}
}
