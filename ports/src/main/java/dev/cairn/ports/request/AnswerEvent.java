package dev.cairn.ports.request;

import java.util.List;

/**
 * What happens to a {@link GenerationCall}, as text. Exactly one {@link Ended} or {@link Failed}
 * comes, last.
 */
public sealed interface AnswerEvent {

    /**
     * The prompt is computed; comes before the first delta.
     *
     * @param promptIds the prompt as the model saw it
     * @param promptTokens one per prompt token, the first null; empty if not asked for
     */
    record Started(int[] promptIds, int cachedTokens, List<TokenReport> promptTokens)
            implements AnswerEvent {}

    /**
     * More of a choice.
     *
     * @param text whole characters only, never part of a stop string; may be empty while text is
     *     held back
     * @param reasoning what the model thinks, where that is told apart; else empty
     * @param calls more of tool calls, in order
     * @param tokens the tokens that came, whether or not their text is held back
     */
    record Delta(
            int choice,
            String text,
            String reasoning,
            List<ToolCallDelta> calls,
            List<TokenReport> tokens)
            implements AnswerEvent {

        public Delta {
            calls = List.copyOf(calls);
            tokens = List.copyOf(tokens);
        }

        /** A delta of plain text. */
        public Delta(int choice, String text, List<TokenReport> tokens) {
            this(choice, text, "", List.of(), tokens);
        }
    }

    /**
     * More of one tool call.
     *
     * @param index of the call within its choice
     * @param id of the call; null after its first delta
     * @param function name, whole; null after the first delta
     * @param arguments more of the JSON text; may be empty
     */
    record ToolCallDelta(int index, String id, String function, String arguments) {}

    record ChoiceEnded(int choice, FinishReason reason, StopCause cause) implements AnswerEvent {}

    record Ended(Usage usage) implements AnswerEvent {}

    record Failed(RequestProblem problem) implements AnswerEvent {}
}
