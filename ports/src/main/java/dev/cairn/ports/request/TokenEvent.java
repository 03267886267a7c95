package dev.cairn.ports.request;

import java.util.List;

/** What happens to a {@link GenerationRequest}, in ids. */
public sealed interface TokenEvent {

    /**
     * The prompt is computed; comes before the first token.
     *
     * @param cachedTokens of the prompt that were not computed again
     * @param promptTokens one per prompt token, the first null; empty if not asked for
     */
    record PromptDone(int cachedTokens, List<GeneratedToken> promptTokens) implements TokenEvent {}

    /** Tokens of a choice, in order. */
    record Tokens(int choice, List<GeneratedToken> tokens) implements TokenEvent {

        public Tokens {
            tokens = List.copyOf(tokens);
        }
    }

    /**
     * A choice is complete.
     *
     * @param text the whole answer as text where the backend decodes itself (remote engines), else
     *     null
     */
    record ChoiceEnded(int choice, FinishReason reason, StopCause cause, String text)
            implements TokenEvent {}

    /** All choices are complete. */
    record Ended(Usage usage) implements TokenEvent {}

    record Failed(RequestProblem problem) implements TokenEvent {}

    /**
     * The backend is gone or drains: nothing more comes from it, and what was told holds. The
     * request may go on elsewhere with a {@link Continuation}.
     *
     * @param reason for people
     * @param atWork whether it broke off in the middle of this request, which may be what broke it:
     *     such a request is not given to one backend after the other
     */
    record Interrupted(String reason, boolean atWork) implements TokenEvent {

        /** Of a backend that did not break by what it did. */
        public Interrupted(String reason) {
            this(reason, false);
        }
    }
}
