package dev.cairn.core.schedule;

import dev.cairn.core.grammar.CompiledFormat;
import dev.cairn.core.grammar.Constraint;
import dev.cairn.core.sample.TokenConstraints;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
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
    private final int words;

    /** Where the format is behind so many guesses; the first is where it is. */
    private final List<Constraint> places = new ArrayList<>();

    /** Whether what follows so many guesses is forced. */
    private final BitSet forced = new BitSet();

    /** By how many guesses come before: masks of one step are read together. */
    private int[][] masks = new int[1][];

    private int[] mask;

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
        this.words = (vocabulary + 31) >>> 5;
        this.places.add(constraint);
    }

    /** Whether tokens that must follow are taken without asking the model. */
    boolean forces() {
        return forces;
    }

    /**
     * Cuts guesses where the format cannot take them, and puts what it forces in their places. What
     * comes behind them is masked accordingly until a token is taken.
     *
     * @param count guesses behind {@code length}
     * @param tokensLeft that the answer may still get
     * @return how many lie there now
     */
    int follow(int[] tokens, int length, int count, int tokensLeft) {
        forgetGuesses();
        Constraint place = constraint.copy();
        int kept = 0;
        while (kept < count && place.accept(tokens[length + kept])) {
            places.add(place.copy());
            kept++;
            int[] must = place.isExhausted() ? NOTHING : forced(place, tokensLeft - kept);
            for (int i = 0; i < must.length && kept < count && place.accept(must[i]); i++) {
                forced.set(kept);
                tokens[length + kept] = must[i];
                places.add(place.copy());
                kept++;
            }
        }
        return kept;
    }

    private void forgetGuesses() {
        places.subList(1, places.size()).clear();
        forced.clear();
    }

    /**
     * The mask for the next token.
     *
     * @param tokens of the sequence, and guesses
     * @param answerFrom where the answer begins in them
     * @param length how many there are, guesses included
     * @param ahead how many of them are guesses
     * @param tokensLeft that the answer may still get: its format can be completed with them
     * @return null where no token is possible, or one is forced; good until the next call with as
     *     many guesses
     */
    int[] mask(int[] tokens, int answerFrom, int length, int ahead, int tokensLeft) {
        begin(ahead);
        if (forced.get(ahead)) {
            return null;
        }
        Constraint place = places.get(ahead);
        format(place, tokensLeft);
        int[] next = others.next(tokens, answerFrom, length, ahead);
        if (next != null && !intersect(next)) {
            format(place, tokensLeft);
            if (others.allowed() != null) {
                intersect(others.allowed());
            }
        }
        return isEmpty() ? null : mask;
    }

    private void begin(int ahead) {
        if (ahead >= masks.length) {
            masks = Arrays.copyOf(masks, ahead + 1);
        }
        if (masks[ahead] == null) {
            masks[ahead] = new int[words];
        }
        mask = masks[ahead];
    }

    /** Sets the mask to that of the format alone. */
    private void format(Constraint place, int tokensLeft) {
        int[] own = place.mask(tokensLeft);
        int known = Math.min(own.length, mask.length);
        System.arraycopy(own, 0, mask, 0, known);
        Arrays.fill(mask, known, mask.length, 0);
        for (int id : modelEnds) {
            set(id, false);
        }
        if (place.canEnd()) {
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

    /** Whether the last mask behind so many guesses allowed a token. */
    boolean allows(int ahead, int id) {
        return (masks[ahead][id >>> 5] >>> id & 1) != 0;
    }

    /**
     * Takes a token of the answer.
     *
     * @return whether nothing can follow it
     */
    boolean endsWith(int id) {
        forgetGuesses();
        if (!constraint.accept(id)) {
            throw new IllegalStateException("token " + id + " is not of the format");
        }
        return constraint.isExhausted();
    }

    /** Tokens that must follow now. */
    int[] forced(int tokensLeft) {
        return forced(constraint, tokensLeft);
    }

    private int[] forced(Constraint place, int tokensLeft) {
        return forces ? place.forced(tokensLeft) : NOTHING;
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
