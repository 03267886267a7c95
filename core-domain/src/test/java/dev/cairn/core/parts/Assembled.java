package dev.cairn.core.parts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.AnswerEvent.ToolCallDelta;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client puts together from an answer's deltas.
 *
 * @param calls each as {@code name(arguments)}
 */
record Assembled(String text, String thoughts, List<String> calls) {

    /** Feeds the pieces of a text. */
    static Assembled of(AnswerParts parts, List<String> pieces) {
        List<AnswerEvent.Delta> deltas = new ArrayList<>();
        for (String piece : pieces) {
            parts.feed(piece);
            deltas.add(parts.take(0, List.of()));
        }
        parts.finish();
        deltas.add(parts.take(0, List.of()));
        return of(deltas);
    }

    static Assembled of(List<AnswerEvent.Delta> deltas) {
        StringBuilder text = new StringBuilder();
        StringBuilder thoughts = new StringBuilder();
        List<StringBuilder> calls = new ArrayList<>();
        for (AnswerEvent.Delta delta : deltas) {
            text.append(delta.text());
            thoughts.append(delta.reasoning());
            delta.calls().forEach(call -> add(call, calls));
        }
        return new Assembled(
                text.toString(),
                thoughts.toString(),
                calls.stream().map(call -> call + ")").toList());
    }

    private static void add(ToolCallDelta delta, List<StringBuilder> calls) {
        if (delta.id() != null) {
            assertThat(delta.index()).isEqualTo(calls.size());
            assertThat(delta.arguments()).isEmpty();
            calls.add(new StringBuilder(delta.function()).append('('));
        } else {
            assertThat(delta.index()).isEqualTo(calls.size() - 1);
            assertThat(delta.arguments()).isNotEmpty();
            assertThat(delta.function()).isNull();
        }
        calls.get(delta.index()).append(delta.arguments());
    }
}
