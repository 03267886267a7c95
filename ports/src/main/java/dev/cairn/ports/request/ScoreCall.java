package dev.cairn.ports.request;

import java.util.List;
import java.util.OptionalInt;

/**
 * Asks how well texts belong together: one with each of many, or each with its own.
 *
 * @param tenant as in {@link GenerationCall#tenant}
 * @param model served name of a cross-encoder, or of an embedding model, whose vectors are compared
 * @param first one text, or as many as {@code second}
 * @param second at least one
 * @param firstField that the first texts came in, for messages
 * @param secondField that the second texts came in
 * @param truncate most tokens of a pair; -1 = as many as the model takes; empty = longer ones are
 *     refused
 */
public record ScoreCall(
        String tenant,
        String model,
        List<String> first,
        List<String> second,
        String firstField,
        String secondField,
        OptionalInt truncate) {

    public ScoreCall {
        first = List.copyOf(first);
        second = List.copyOf(second);
    }

    /** The first text of a pair. */
    public String first(int pair) {
        return first.get(first.size() == 1 ? 0 : pair);
    }
}
