package dev.cairn.core.schedule;

import dev.cairn.core.sample.TokenConstraints;
import dev.cairn.core.text.AnswerText;
import dev.cairn.core.text.StopStrings;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.TokenCounts;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.StopConditions;
import java.util.BitSet;

/**
 * What one choice may say next, and when it has said enough: masks, format, penalties and stop
 * conditions of its request, at the place where the answer is.
 *
 * <p>Threads: one mailbox owns it.
 */
final class ChoiceRules {

    private final LiveRequest live;
    private final long seed;
    private final TokenConstraints constraints;
    private final TokenCounts counts;
    private final AnswerText text;
    private final FormatGuide guide;

    /** By how many guesses come before: whether there was anything to choose from. */
    private final BitSet open = new BitSet();

    private ChoiceRules(
            LiveRequest live,
            long seed,
            TokenConstraints constraints,
            TokenCounts counts,
            AnswerText text,
            FormatGuide guide) {
        this.live = live;
        this.seed = seed;
        this.constraints = constraints;
        this.counts = counts;
        this.text = text;
        this.guide = guide;
        this.open.set(0);
    }

    static ChoiceRules of(LiveRequest live, int choice, int vocabulary, TextCodec codec) {
        GenerationRequest request = live.request();
        TokenConstraints constraints = new TokenConstraints(request, vocabulary);
        return new ChoiceRules(
                live,
                request.seedOf(choice),
                constraints,
                request.sampling().penalises() ? counts(request.prompt()) : null,
                request.stop().strings().isEmpty() ? null : text(request.stop(), codec),
                live.format() == null
                        ? null
                        : new FormatGuide(live.format(), constraints, request, vocabulary));
    }

    /** Of a beam, which is masked like any other answer; the search decides when it ends. */
    static ChoiceRules ofBeam(LiveRequest live, int vocabulary) {
        TokenConstraints constraints = new TokenConstraints(live.request(), vocabulary);
        return new ChoiceRules(live, live.request().seedOf(0), constraints, null, null, null);
    }

    private static TokenCounts counts(int[] prompt) {
        TokenCounts counts = new TokenCounts();
        for (int id : prompt) {
            counts.addPrompt(id);
        }
        return counts;
    }

    private static AnswerText text(StopConditions stop, TextCodec codec) {
        return new AnswerText(
                codec,
                StopStrings.of(stop.strings()),
                stop.skipSpecialTokens(),
                stop.includeStopString(),
                stop.minTokens(),
                false);
    }

    /**
     * How the next token is chosen; computes masks.
     *
     * @param tokens of the sequence, and guesses
     * @param answerFrom where the answer begins in them
     * @param length how many there are without the guesses
     * @param ahead guesses that come before the one to choose
     * @param tokensLeft that the answer may still get behind the guesses
     */
    SamplingRow next(int[] tokens, int answerFrom, int length, int ahead, int tokensLeft) {
        int position = length + ahead;
        int[] mask =
                guide == null
                        ? constraints.next(tokens, answerFrom, position, ahead)
                        : guide.mask(tokens, answerFrom, position, ahead, tokensLeft);
        open.set(ahead, guide == null || mask != null);
        if (!open.get(ahead)) {
            return new SamplingRow.Ignore();
        }
        GenerationRequest request = live.request();
        int top = live.beams() == null ? request.topLogprobs() : live.beams().topLogprobs();
        TokenCounts said =
                counts == null || ahead == 0 ? counts : counts.with(tokens, length, position);
        return new SamplingRow.Sample(request.sampling(), seed, position, said, mask, top, false);
    }

    /**
     * Whether what follows a guess can be chosen before the guess is known to hold. Not where
     * log-probabilities are wanted of tokens that a format forces behind it: they are scored by a
     * later step.
     */
    boolean canBeGuessed(boolean wantsLogprobs) {
        return guide == null || !wantsLogprobs || !guide.forces();
    }

    /**
     * Cuts guesses where the format cannot take them, and puts what it forces in their places.
     *
     * @param count guesses behind {@code length}
     * @param tokensLeft that the answer may still get
     * @return how many lie there now
     */
    int follow(int[] tokens, int length, int count, int tokensLeft) {
        return guide == null ? count : guide.follow(tokens, length, count, tokensLeft);
    }

    /** Whether {@link #next} had nothing to choose from, for format and masks left nothing. */
    boolean isBlocked() {
        return guide != null && !open.get(0);
    }

    /** Whether {@link #next} had something to choose from behind so many guesses. */
    boolean isOpen(int ahead) {
        return guide == null || open.get(ahead);
    }

    /** Whether {@link #next} allowed a token behind so many guesses. */
    boolean allows(int ahead, int id) {
        return guide == null || guide.allows(ahead, id);
    }

    /** Tokens that must follow now, whatever the model says; empty if none. */
    int[] forced(int tokensLeft) {
        return guide == null ? FormatGuide.NOTHING : guide.forced(tokensLeft);
    }

    /** Whether the format, if there is one, is complete. */
    boolean canEnd() {
        return guide == null || guide.canEnd();
    }

    /** What to tell the client of a choice that {@link #isBlocked} in the midst of its format. */
    RequestProblem problem() {
        return guide.problem();
    }

    /**
     * Takes a token of the answer.
     *
     * @param generated tokens of the answer, this one included
     * @param tokensLeft that it may still get
     * @return why the choice ends with it, or null
     */
    StopCause add(int id, int generated, int tokensLeft) {
        if (counts != null) {
            counts.addGenerated(id);
        }
        StopConditions stop = live.request().stop();
        boolean mayStop = generated > stop.minTokens();
        // With a format an end is only allowed where min_tokens had to give way to it.
        if ((mayStop || guide != null) && stop.endOfSequenceIds().contains(id)) {
            return new StopCause.EndOfSequence();
        }
        if (mayStop && stop.tokenIds().contains(id)) {
            return new StopCause.StopToken(id);
        }
        if (text != null && text.append(id)) {
            return new StopCause.StopString(text.matched().orElseThrow());
        }
        if (text != null) {
            text.take();
        }
        if (guide != null && guide.endsWith(id)) {
            return new StopCause.EndOfSequence();
        }
        return tokensLeft <= 0 ? new StopCause.Budget() : null;
    }
}
