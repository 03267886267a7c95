package dev.cairn.core.grammar;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;

/** Whether an answer of a format fits in the tokens that it may have. */
public final class FormatBudget {

    private FormatBudget() {}

    /**
     * Refuses a request none of whose answers could be complete.
     *
     * @param maxTokens of the request
     * @param room tokens that fit after the prompt
     * @throws RequestRefused naming {@code max_tokens}, and how many are needed
     */
    public static void check(CompiledFormat format, int maxTokens, int room) {
        int needed = format.shortest();
        if (needed <= Math.min(maxTokens, room)) {
            return;
        }
        String message =
                maxTokens <= room
                        ? "max_tokens is "
                                + maxTokens
                                + ", but the shortest answer of this format needs "
                                + needed
                        : "the shortest answer of this format needs "
                                + needed
                                + " tokens, but the context has room for "
                                + room
                                + " after the prompt; shorten the prompt";
        throw new RequestRefused(RequestProblem.invalid("max_tokens", message));
    }
}
