package dev.cairn.core.testing;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.List;

/**
 * Goes on with an answer by giving all of it again and holding back what was told: slow, and true
 * by construction wherever answers do not depend on who gives them.
 */
public final class RecomputingBackend implements GenerationBackend {

    private final GenerationBackend worker;

    public RecomputingBackend(GenerationBackend worker) {
        this.worker = worker;
    }

    @Override
    public BackendDescription description() {
        return worker.description();
    }

    @Override
    public Cancellation generate(GenerationRequest request, TokenListener events) {
        Continuation before = request.continuation();
        int[] known = new int[request.choices()];
        for (Continuation.Begun begun : before.choices()) {
            known[begun.choice()] = begun.tokens().length;
        }
        return worker.generate(
                request.continuing(Continuation.NONE), event -> tell(event, before, known, events));
    }

    private static void tell(
            TokenEvent event, Continuation before, int[] known, TokenListener events) {
        switch (event) {
            case TokenEvent.PromptDone done -> {
                if (!before.told()) {
                    events.on(done);
                }
            }
            case TokenEvent.Tokens(var choice, var tokens) -> {
                int skipped = Math.min(known[choice], tokens.size());
                known[choice] -= skipped;
                List<GeneratedToken> news = tokens.subList(skipped, tokens.size());
                if (!news.isEmpty()) {
                    events.on(new TokenEvent.Tokens(choice, news));
                }
            }
            case TokenEvent.ChoiceEnded end -> {
                if (!before.of(end.choice()).hasEnded()) {
                    events.on(end);
                }
            }
            case TokenEvent.Ended end -> events.on(end);
            case TokenEvent.Failed failed -> events.on(failed);
            case TokenEvent.Interrupted interrupted -> events.on(interrupted);
        }
    }

    @Override
    public LoadReport load() {
        return worker.load();
    }

    @Override
    public void close() {
        worker.close();
    }
}
