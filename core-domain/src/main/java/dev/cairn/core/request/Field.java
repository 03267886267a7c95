package dev.cairn.core.request;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;

/** Checks of one field each, named as OpenAI's or vLLM's API names it. */
final class Field {

    private Field() {}

    static RequestRefused refused(String field, String message) {
        return new RequestRefused(RequestProblem.invalid(field, message));
    }

    /** Refuses unless {@code holds}: {@code "FIELD must RULE, got VALUE"}. */
    static void check(boolean holds, String field, String rule, double value) {
        if (!holds) {
            throw refused(field, field + " must " + rule + ", got " + Values.number(value));
        }
    }

    static void within(String field, double value, double least, double most) {
        check(
                value >= least && value <= most,
                field,
                "be from " + Values.number(least) + " to " + Values.number(most),
                value);
    }

    static void tokenId(String field, int id, int vocabulary) {
        if (id < 0 || id >= vocabulary) {
            throw refused(
                    field,
                    field
                            + " names the token "
                            + id
                            + ", but the vocabulary has the ids 0 to "
                            + (vocabulary - 1));
        }
    }
}
