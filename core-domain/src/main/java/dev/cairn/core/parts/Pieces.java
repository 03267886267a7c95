package dev.cairn.core.parts;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.AnswerEvent.ToolCallDelta;
import dev.cairn.ports.request.TokenReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** What has come of an answer's parts since they were last taken. One thread. */
final class Pieces {

    private final IntFunction<String> ids;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thoughts = new StringBuilder();
    private final List<ToolCallDelta> deltas = new ArrayList<>();
    private int calls;

    /**
     * @param ids of calls, by their index
     */
    Pieces(IntFunction<String> ids) {
        this.ids = ids;
    }

    /** Calls that were begun so far. */
    int calls() {
        return calls;
    }

    void text(CharSequence more) {
        text.append(more);
    }

    void thoughts(CharSequence more) {
        thoughts.append(more);
    }

    /** A further call, whose arguments follow. */
    void begin(String function) {
        deltas.add(new ToolCallDelta(calls, ids.apply(calls), function, ""));
        calls++;
    }

    void arguments(String more) {
        if (more.isEmpty()) {
            return;
        }
        ToolCallDelta last = deltas.isEmpty() ? null : deltas.getLast();
        boolean goesOn = last != null && last.id() == null && last.index() == calls - 1;
        if (goesOn) {
            deltas.removeLast();
        }
        deltas.add(
                new ToolCallDelta(calls - 1, null, null, goesOn ? last.arguments() + more : more));
    }

    AnswerEvent.Delta take(int choice, List<TokenReport> tokens) {
        var delta =
                new AnswerEvent.Delta(choice, text.toString(), thoughts.toString(), deltas, tokens);
        text.setLength(0);
        thoughts.setLength(0);
        deltas.clear();
        return delta;
    }
}
