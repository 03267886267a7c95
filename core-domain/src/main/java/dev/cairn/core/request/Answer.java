package dev.cairn.core.request;

import dev.cairn.core.parts.AnswerParts;
import dev.cairn.core.parts.AnswerPlan;
import dev.cairn.core.text.AnswerText;
import dev.cairn.core.text.StopStrings;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.InferenceService.AnswerListener;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.StopConditions;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Turns the tokens of one request into text events.
 *
 * <p>Stop strings are sought here as well as in the backend: the text decides, and a backend that
 * goes on past one is stopped, its surplus tokens dropped and not counted.
 *
 * <p>Threads: events come on the backend's thread; {@link #cancel} from any.
 */
final class Answer implements TokenListener {

    private static final System.Logger LOG = System.getLogger(Answer.class.getName());
    private static final Cancellation NOT_YET = () -> {};
    private static final Cancellation CANCELLED = () -> {};

    private final GenerationRequest request;
    private final AnswerListener listener;
    private final AnswerTrace trace;
    private final IntConsumer ended;
    private final TokenReports reports;
    private final Choice[] choices;
    private final AtomicReference<Cancellation> backend = new AtomicReference<>(NOT_YET);

    private int openChoices;
    private int cachedTokens;
    private boolean over;
    private boolean deaf;

    /**
     * @param plan what parts the answers have
     * @param marks special tokens that mark parts
     * @param startsText whether answers begin a text of their own
     * @param ended called once, when the last event was handed on, with the tokens that came
     */
    Answer(
            GenerationRequest request,
            TextCodec codec,
            AnswerPlan plan,
            Set<Integer> marks,
            boolean startsText,
            AnswerListener listener,
            AnswerTrace trace,
            IntConsumer ended) {
        this.request = request;
        this.listener = listener;
        this.trace = trace;
        this.ended = ended;
        this.reports = new TokenReports(codec);
        this.choices = new Choice[request.choices()];
        this.openChoices = choices.length;
        StopConditions stop = request.stop();
        StopStrings strings = StopStrings.of(stop.strings());
        for (int i = 0; i < choices.length; i++) {
            AnswerParts parts = plan.parts(i).orElse(null);
            choices[i] =
                    new Choice(
                            new AnswerText(
                                    codec,
                                    strings,
                                    stop.skipSpecialTokens(),
                                    parts == null ? Set.of() : marks,
                                    stop.includeStopString(),
                                    stop.minTokens(),
                                    startsText),
                            parts);
        }
    }

    /** Says how the backend's work is aborted, once that is known. */
    void abortWith(Cancellation cancellation) {
        if (!backend.compareAndSet(NOT_YET, cancellation)) {
            cancellation.cancel();
        }
    }

    /** Aborts the backend's work. */
    void cancel() {
        backend.getAndSet(CANCELLED).cancel();
    }

    @Override
    public void on(TokenEvent event) {
        if (over) {
            return;
        }
        switch (event) {
            case TokenEvent.PromptDone(var cached, var promptTokens) -> {
                cachedTokens = cached;
                tell(
                        new AnswerEvent.Started(
                                request.prompt(), cached, reports.ofPrompt(promptTokens)));
            }
            case TokenEvent.Tokens(var choice, var tokens) -> tokens(choice, tokens);
            case TokenEvent.ChoiceEnded(var choice, var reason, var cause, var text) -> {
                if (choices[choice].open) {
                    choiceEnded(choice, reason, cause, text);
                }
            }
            case TokenEvent.Ended(var usage) -> end(usage);
            case TokenEvent.Failed(var problem) -> fail(problem);
            case TokenEvent.Interrupted(var reason, var _) ->
                    fail(
                            RequestProblem.of(
                                    RequestProblem.Category.UNAVAILABLE,
                                    "interrupted",
                                    "the answer was cut off: " + reason + "; send it again"));
        }
    }

    private void tokens(int index, List<GeneratedToken> tokens) {
        Choice choice = choices[index];
        if (!choice.open) {
            return;
        }
        List<TokenReport> taken = new ArrayList<>(tokens.size());
        boolean stopped = false;
        for (int i = 0; i < tokens.size() && !stopped; i++) {
            GeneratedToken token = tokens.get(i);
            taken.add(reports.of(token));
            choice.tokens++;
            stopped = isShown(token.id(), choice) && choice.append(token.id());
        }
        tell(choice.take(index, taken));
        if (stopped) {
            String string = choice.text.matched().orElseThrow();
            choiceEnded(index, FinishReason.STOP, new StopCause.StopString(string), null);
            if (openChoices == 0) {
                // The backend may not know of stop strings; one that does has ended by itself.
                end(new Usage(request.prompt().length, 0, cachedTokens, 0));
                cancel();
            }
        }
    }

    /** A token that ends the answer adds its text only where the client wants that. */
    private boolean isShown(int id, Choice choice) {
        StopConditions stop = request.stop();
        boolean ends =
                choice.tokens > stop.minTokens()
                        && (stop.endOfSequenceIds().contains(id) || stop.tokenIds().contains(id));
        return !ends || stop.includeStopString();
    }

    private void choiceEnded(int index, FinishReason reason, StopCause cause, String whole) {
        Choice choice = choices[index];
        choice.open = false;
        openChoices--;
        String rest = choice.text.finish();
        AnswerEvent.Delta last = choice.finish(index, whole != null ? whole : rest);
        if (!last.text().isEmpty() || !last.reasoning().isEmpty() || !last.calls().isEmpty()) {
            tell(last);
        }
        FinishReason told = choice.parts == null ? reason : choice.parts.reason(reason);
        trace.finished(told);
        tell(new AnswerEvent.ChoiceEnded(index, told, cause));
    }

    private void end(Usage backendUsage) {
        int completion = tokens();
        int thoughts = backendUsage.reasoningTokens();
        for (Choice choice : choices) {
            thoughts += choice.thoughts;
        }
        Usage usage =
                new Usage(
                        backendUsage.promptTokens(),
                        completion,
                        backendUsage.cachedTokens(),
                        thoughts);
        over = true;
        trace.ended(usage);
        tell(new AnswerEvent.Ended(usage));
        ended.accept(completion);
    }

    private void fail(RequestProblem problem) {
        over = true;
        trace.failed(problem);
        tell(new AnswerEvent.Failed(problem));
        ended.accept(tokens());
    }

    /** That came, over all choices. */
    private int tokens() {
        int tokens = 0;
        for (Choice choice : choices) {
            tokens += choice.tokens;
        }
        return tokens;
    }

    private void tell(AnswerEvent event) {
        if (deaf) {
            return;
        }
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            // Nobody hears this answer any more; its work ends, and is accounted for, as usual.
            LOG.log(System.Logger.Level.WARNING, "a listener failed; its request is aborted", e);
            deaf = true;
            cancel();
        }
    }

    /** What has come of a choice. */
    private static final class Choice {

        private final AnswerText text;
        private final AnswerParts parts;
        private int tokens;
        private int thoughts;
        private boolean open = true;

        /**
         * @param parts null where the answer is text and nothing else
         */
        Choice(AnswerText text, AnswerParts parts) {
            this.text = text;
            this.parts = parts;
        }

        /** Takes a token; true if a stop string is complete. */
        boolean append(int id) {
            boolean stopped = text.append(id);
            if (parts != null) {
                boolean thought = parts.isThinking();
                parts.feed(text.take());
                // The tokens that open and close thoughts are none, as vLLM counts.
                if (thought && parts.isThinking()) {
                    thoughts++;
                }
            }
            return stopped;
        }

        /** What became certain of the text. */
        AnswerEvent.Delta take(int index, List<TokenReport> taken) {
            return parts == null
                    ? new AnswerEvent.Delta(index, text.take(), taken)
                    : parts.take(index, taken);
        }

        AnswerEvent.Delta finish(int index, String rest) {
            if (parts == null) {
                return new AnswerEvent.Delta(index, rest, List.of());
            }
            parts.feed(rest);
            parts.finish();
            return parts.take(index, List.of());
        }
    }
}
