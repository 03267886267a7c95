package dev.cairn.core.schedule;

import dev.cairn.core.grammar.CompiledFormat;
import dev.cairn.core.grammar.Constraint;
import dev.cairn.core.sample.TokenConstraints;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import java.util.Arrays;
import java.util.List;

/**
 * Holds one choice to its format: which tokens it may take next, which it must take, and whether it
 * is complete.
 *
 * <p>The format's mask is intersected with the request's others. Where nothing is left, {@code
 * bad_words} and {@code min_tokens} give way, as they do without a format; {@code
 * allowed_token_ids} do not, and the choice {@linkplain #problem fails}. A choice ends where its
 * format can, by a token that ends answers of this request; with {@code ignore_eos} it goes on as
 * long as the format does.
 *
 * <p>Everything here is a function of the request and the answer's tokens, so that batches,
 * preemptions and failed steps change nothing. Threads: one mailbox owns it; a mask is read by the
 * runner until its step is reported.
 */
final class FormatGuide {

    static final int[] NOTHING = {};

    private final Constraint constraint;
    private final TokenConstraints others;
    private final int[] modelEnds;
    private final List<Integer> ends;
    private final boolean forces;
    private final boolean limitsIds;
    private final int[] mask;

    /**
     * @param others masks of the request
     * @param vocabulary width of the logits
     */
    FormatGuide(
            CompiledFormat format,
            TokenConstraints others,
            GenerationRequest request,
            int vocabulary) {
        this.constraint = format.begin();
        this.others = others;
        this.modelEnds = format.endings();
        this.ends = request.stop().endOfSequenceIds();
        this.limitsIds = !request.allowedTokenIds().isEmpty();
        // A token that is forced is not chosen, so masks and biases would not be asked.
        this.forces =
                !limitsIds
                        && request.badWords().isEmpty()
                        && request.sampling().logitBias().isEmpty();
        this.mask = new int[(vocabulary + 31) >>> 5];
    }

    /**
     * The mask for the next token.
     *
     * @param tokens of the sequence
     * @param answerFrom where the answer begins in them
     * @param length how many there are
     * @param tokensLeft that the answer may still get: its format can be completed with them
     * @return null where no token is possible; good until the next call
     */
    int[] mask(int[] tokens, int answerFrom, int length, int tokensLeft) {
        format(tokensLeft);
        int[] next = others.next(tokens, answerFrom, length);
        if (next != null && !intersect(next)) {
            format(tokensLeft);
            if (others.allowed() != null) {
                intersect(others.allowed());
            }
        }
        return isEmpty() ? null : mask;
    }

    /** Sets the mask to that of the format alone. */
    private void format(int tokensLeft) {
        int[] own = constraint.mask(tokensLeft);
        int words = Math.min(own.length, mask.length);
        System.arraycopy(own, 0, mask, 0, words);
        Arrays.fill(mask, words, mask.length, 0);
        for (int id : modelEnds) {
            set(id, false);
        }
        if (constraint.canEnd()) {
            for (int i = 0; i < ends.size(); i++) {
                set(ends.get(i), true);
            }
        }
    }

    private void set(int id, boolean allowed) {
        if (id >= 0 && id >>> 5 < mask.length) {
            int bit = 1 << (id & 31);
            mask[id >>> 5] = allowed ? mask[id >>> 5] | bit : mask[id >>> 5] & ~bit;
        }
    }

    /** Returns whether anything is left. */
    private boolean intersect(int[] other) {
        for (int i = 0; i < mask.length; i++) {
            mask[i] &= other[i];
        }
        return !isEmpty();
    }

    private boolean isEmpty() {
        for (int word : mask) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the last mask allowed a token. */
    boolean allows(int id) {
        return (mask[id >>> 5] >>> id & 1) != 0;
    }

    /**
     * Takes a token of the answer.
     *
     * @return whether nothing can follow it
     */
    boolean endsWith(int id) {
        if (!constraint.accept(id)) {
            throw new IllegalStateException("token " + id + " is not of the format");
        }
        return constraint.isExhausted();
    }

    /** Tokens that must follow now. */
    int[] forced(int tokensLeft) {
        return forces ? constraint.forced(tokensLeft) : NOTHING;
    }

    boolean canEnd() {
        return constraint.canEnd();
    }

    /** Why there is no next token although the answer is not complete. */
    RequestProblem problem() {
        return limitsIds
                ? RequestProblem.invalid(
                        "allowed_token_ids",
                        "allowed_token_ids has no token with which the answer can go on as its"
                                + " format wants; allow more tokens")
                : RequestProblem.invalid(
                        "response_format",
                        "the answer cannot go on as its format wants: the model has no token for"
                                + " what must follow, or the format leaves too many ways open");
    }
}
