package dev.cairn.distribution.bench.prompt;

import java.util.List;

/**
 * One request of a session. It is sent once the turns that it builds on were answered.
 *
 * @param context index of the turn whose prompt and answer this one goes on from, or {@link #NONE}
 * @param joins indexes of turns whose answers are quoted before the new messages, as a tool's
 *     results are
 * @param messages what is new
 * @param promptTokens of the whole prompt; {@link #UNKNOWN} where it repeats an answer
 * @param outputTokens that the answer is to have
 */
public record Turn(
        int context,
        List<Integer> joins,
        List<Message> messages,
        int promptTokens,
        int outputTokens) {

    /** No turn before this one. */
    public static final int NONE = -1;

    /** Not known before the answer that the prompt repeats. */
    public static final int UNKNOWN = -1;

    public Turn {
        joins = List.copyOf(joins);
        messages = List.copyOf(messages);
    }

    static Turn first(PromptWriter.Written written, int outputTokens) {
        return new Turn(NONE, List.of(), written.messages(), written.tokens(), outputTokens);
    }

    static Turn after(int context, Message message, int outputTokens) {
        return new Turn(context, List.of(), List.of(message), UNKNOWN, outputTokens);
    }
}
