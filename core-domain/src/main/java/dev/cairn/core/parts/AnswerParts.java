package dev.cairn.core.parts;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.TokenReport;
import java.util.List;

/**
 * The parts of one choice while its text comes. However the text is cut, the parts are the same.
 *
 * <p>Threads: one at a time.
 */
public final class AnswerParts {

    private final Pieces pieces;
    private final Thoughts thoughts;
    private final boolean callsEndTheAnswer;

    AnswerParts(Pieces pieces, Thoughts thoughts, boolean callsEndTheAnswer) {
        this.pieces = pieces;
        this.thoughts = thoughts;
        this.callsEndTheAnswer = callsEndTheAnswer;
    }

    /** Takes more of the text. */
    public void feed(String text) {
        if (!text.isEmpty()) {
            thoughts.feed(text);
        }
    }

    /** No more text will come. */
    public void finish() {
        thoughts.finish();
    }

    /** Whether what comes next is thought, as far as is known. */
    public boolean isThinking() {
        return thoughts.isThinking();
    }

    /** What became certain since the last call. */
    public AnswerEvent.Delta take(int choice, List<TokenReport> tokens) {
        return pieces.take(choice, tokens);
    }

    /** Why the answer ended, given why its text did. */
    public FinishReason reason(FinishReason ofText) {
        boolean calls = callsEndTheAnswer && pieces.calls() > 0 && ofText == FinishReason.STOP;
        return calls ? FinishReason.TOOL_CALLS : ofText;
    }
}
