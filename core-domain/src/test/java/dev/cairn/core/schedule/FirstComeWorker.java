package dev.cairn.core.schedule;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * An engine that knows neither priorities nor tenants: one request after the other, as they came,
 * ten microseconds for each token of prompt and answer. What is fair behind it was made fair before
 * it.
 */
final class FirstComeWorker implements GenerationBackend {

    private static final long TOKEN_NANOS = 10_000;

    private final VirtualDriver driver;
    private final String name;
    private final ArrayDeque<Work> queue = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private int longestQueue;

    FirstComeWorker(VirtualDriver driver, String name) {
        this.driver = driver;
        this.name = name;
    }

    private static final class Work {

        private final GenerationRequest request;
        private final TokenListener events;
        private boolean isOver;

        private Work(GenerationRequest request, TokenListener events) {
            this.request = request;
            this.events = events;
        }
    }

    /** Ids of what was sent here, in order. */
    List<String> asked() {
        return asked;
    }

    /** Most requests that were here at once. */
    int longestQueue() {
        return longestQueue;
    }

    @Override
    public BackendDescription description() {
        return new BackendDescription(name, "toy", 1 << 20, "first come, first served");
    }

    @Override
    public Cancellation generate(GenerationRequest request, TokenListener events) {
        Work work = new Work(request, events);
        asked.add(request.id());
        queue.add(work);
        longestQueue = Math.max(longestQueue, queue.size());
        if (queue.size() == 1) {
            begin();
        }
        return () -> driver.schedule(driver.nanos(), () -> abort(work));
    }

    private void begin() {
        Work work = queue.peek();
        if (work != null) {
            after(work.request.prompt().length, () -> read(work));
        }
    }

    private void after(int tokens, Runnable then) {
        driver.schedule(driver.nanos() + tokens * TOKEN_NANOS, then);
    }

    private void read(Work work) {
        if (!work.isOver) {
            work.events.on(new TokenEvent.PromptDone(0, List.of()));
            after(work.request.stop().maxTokens(), () -> answered(work));
        }
    }

    private void answered(Work work) {
        if (!work.isOver) {
            int tokens = work.request.stop().maxTokens();
            List<GeneratedToken> all = new ArrayList<>();
            for (int i = 0; i < tokens; i++) {
                all.add(new GeneratedToken(i, 0, 0, new int[0], new float[0]));
            }
            work.events.on(new TokenEvent.Tokens(0, all));
            work.events.on(
                    new TokenEvent.ChoiceEnded(
                            0, FinishReason.LENGTH, new StopCause.Budget(), null));
            over(work, new TokenEvent.Ended(new Usage(work.request.prompt().length, tokens, 0, 0)));
        }
    }

    private void abort(Work work) {
        if (!work.isOver) {
            over(
                    work,
                    new TokenEvent.Failed(
                            RequestProblem.of(
                                    Category.CANCELLED, "request_cancelled", "as was asked")));
        }
    }

    private void over(Work work, TokenEvent end) {
        work.isOver = true;
        boolean wasFirst = queue.peek() == work;
        queue.remove(work);
        work.events.on(end);
        if (wasFirst) {
            begin();
        }
    }

    @Override
    public LoadReport load() {
        return LoadReport.NONE;
    }

    @Override
    public void close() {}
}
