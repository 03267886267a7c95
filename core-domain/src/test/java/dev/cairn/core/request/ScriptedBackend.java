package dev.cairn.core.request;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A backend that keeps what it was asked and says what the test tells it to say. */
final class ScriptedBackend implements GenerationBackend {

    private final List<GenerationRequest> requests = new ArrayList<>();
    private TokenListener listener;
    private Nap nap;
    private int aborts;

    GenerationRequest request() {
        return requests.getLast();
    }

    int aborts() {
        return aborts;
    }

    void promptDone() {
        listener.on(new TokenEvent.PromptDone(0, List.of()));
    }

    void say(int choice, int... ids) {
        List<GeneratedToken> tokens = new ArrayList<>();
        for (int id : ids) {
            tokens.add(
                    new GeneratedToken(id, -0.5f, 1, new int[] {id, 65}, new float[] {-0.5f, -2}));
        }
        listener.on(new TokenEvent.Tokens(choice, tokens));
    }

    void endChoice(int choice, FinishReason reason, StopCause cause) {
        listener.on(new TokenEvent.ChoiceEnded(choice, reason, cause, null));
    }

    void end(int completionTokens) {
        listener.on(
                new TokenEvent.Ended(new Usage(request().prompt().length, completionTokens, 0, 0)));
    }

    void on(TokenEvent event) {
        listener.on(event);
    }

    /** From now on it sleeps, and notes who wakes it. */
    Nap fallAsleep() {
        nap = new Nap();
        return nap;
    }

    @Override
    public Optional<Sleeper> sleeper() {
        return Optional.ofNullable(nap);
    }

    @Override
    public BackendDescription description() {
        return new BackendDescription("scripted", "toy", 100, "says what it is told");
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        requests.add(request);
        listener = events;
        return () -> aborts++;
    }

    @Override
    public LoadReport load() {
        return new LoadReport(0, 0, 0, 1, 0);
    }

    @Override
    public void close() {}

    /** A sleep that ends when the test says so. */
    static final class Nap implements Sleeper {

        private final List<Completion<Void>> waking = new ArrayList<>();
        private boolean asleep = true;

        /** How often somebody wanted it to be awake. */
        int wakes() {
            return waking.size();
        }

        void over() {
            asleep = false;
            waking.forEach(done -> done.completed(null));
        }

        @Override
        public void sleep(SleepMode mode, Completion<Void> done) {
            done.completed(null);
        }

        @Override
        public void wake(Completion<Void> done) {
            waking.add(done);
        }

        @Override
        public boolean isAsleep() {
            return asleep;
        }
    }
}
