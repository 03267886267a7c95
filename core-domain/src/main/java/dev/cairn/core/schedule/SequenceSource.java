package dev.cairn.core.schedule;

import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.RequestProblem;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes sequences of one engine.
 *
 * @param maxModelLength most tokens of prompt and answer
 */
record SequenceSource(int vocabulary, TextCodec codec, PrefixCache cache, int maxModelLength) {

    /**
     * Makes the sequences of a request.
     *
     * @return why it cannot be continued; empty if all is well
     */
    Optional<RequestProblem> make(LiveRequest request, long ordinal) {
        int choices = request.beams() == null ? request.request().choices() : 1;
        try {
            for (int choice = 0; choice < choices; choice++) {
                request.sequences().add(of(request, choice, ordinal));
            }
            return Optional.empty();
        } catch (IllegalArgumentException unfit) {
            return Optional.of(SchedulerProblems.unfit(unfit.getMessage()));
        }
    }

    /**
     * A token of what was generated elsewhere that this model cannot generate. An engine that
     * cannot compute a token of a prompt says so by itself.
     */
    OptionalInt unknownToken(Continuation continuation) {
        for (Continuation.Begun begun : continuation.choices()) {
            for (int id : begun.tokens()) {
                if (id < 0 || id >= vocabulary) {
                    return OptionalInt.of(id);
                }
            }
        }
        return OptionalInt.empty();
    }

    /**
     * @param ordinal counts requests in the order of their coming in
     */
    Sequence of(LiveRequest request, int choice, long ordinal) {
        return new Sequence(
                request,
                choice,
                ordinal,
                vocabulary,
                codec,
                cache.newPrefix(request.request()),
                maxModelLength);
    }
}
