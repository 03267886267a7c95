package dev.cairn.core.schedule;

import dev.cairn.ports.request.GeneratedToken;
import java.util.ArrayList;
import java.util.List;

/** Tokens of a choice that the client may hear of with the next report. One mailbox owns it. */
final class DueTokens {

    private static final int[] NO_IDS = {};
    private static final float[] NO_LOGPROBS = {};

    private List<GeneratedToken> due = List.of();

    void add(GeneratedToken token) {
        if (due.isEmpty()) {
            // A decode tells of one token: no list that can grow.
            due = List.of(token);
            return;
        }
        if (due.size() == 1) {
            due = new ArrayList<>(due);
        }
        due.add(token);
    }

    /** All of them, in order; empty if none. */
    List<GeneratedToken> take() {
        List<GeneratedToken> taken = due;
        due = List.of();
        return taken;
    }

    /** A token whose log-probabilities nobody wants. */
    static GeneratedToken bare(int id) {
        return new GeneratedToken(id, Float.NaN, 0, NO_IDS, NO_LOGPROBS);
    }
}
