package dev.cairn.core.schedule;

import dev.cairn.core.block.PrefixCache;
import dev.cairn.core.block.PrefixHashes;
import dev.cairn.core.block.SequenceBlocks;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.StopCause;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * One choice of a request: prompt and answer so far, and how much of it lies computed in blocks.
 *
 * <p>It waits without blocks, runs with blocks, or has ended. A preempted sequence waits again and
 * loses nothing but computed keys and values.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Sequence {

    /** Who comes first: priority, then arrival, then the order of coming in, then the choice. */
    static final Comparator<Sequence> RANK =
            Comparator.comparingInt((Sequence s) -> s.live.request().priority())
                    .thenComparingLong(s -> s.live.request().arrivalNanos())
                    .thenComparingLong(s -> s.ordinal)
                    .thenComparingInt(s -> s.choice);

    /** Tokens that a format forced are computed like one that was chosen, up to so many. */
    private static final int MOST_FORCED_AT_ONCE = 16;

    private final LiveRequest live;
    private final int choice;
    private final long ordinal;
    private final ChoiceRules rules;
    private final int maxModelLength;
    private final int[] oneToken = new int[1];

    private PrefixHashes prefix;
    private final DueTokens due = new DueTokens();
    private final AwaitedBlocks awaited = new AwaitedBlocks();

    private int[] tokens;
    private int length;
    private int told;
    private StopCause cause;
    private int computed;
    private int furthest;
    private int scored;
    private SequenceBlocks blocks;
    private LayerGate gate = LayerGate.OPEN;
    private boolean parked;
    private final Standing standing = new Standing();
    private Guesses guesses;
    private boolean ended;

    /**
     * @param ordinal counts requests in the order of their coming in
     * @param prefix nothing hashed yet
     * @param maxModelLength most tokens of prompt and answer
     */
    Sequence(
            LiveRequest live,
            int choice,
            long ordinal,
            int vocabulary,
            TextCodec codec,
            PrefixHashes prefix,
            int maxModelLength) {
        this.live = live;
        this.choice = choice;
        this.ordinal = ordinal;
        this.prefix = prefix;
        this.tokens = live.request().prompt().clone();
        this.length = tokens.length;
        this.told = length;
        this.maxModelLength = maxModelLength;
        this.rules = ChoiceRules.of(live, choice, vocabulary, codec);
        appendForced();
        if (live.continues()) {
            goOnAfter(live.request().continuation().of(choice).tokens());
        }
    }

    /**
     * A beam that goes on from another with a token of its own.
     *
     * @param prefix nothing hashed yet
     */
    Sequence(Sequence parent, int choice, int token, int vocabulary, PrefixHashes prefix) {
        this.live = parent.live;
        this.choice = choice;
        this.ordinal = parent.ordinal;
        this.prefix = prefix;
        this.tokens = Arrays.copyOf(parent.tokens, parent.length + 16);
        this.length = parent.length;
        this.scored = parent.scored;
        this.furthest = parent.furthest;
        this.maxModelLength = parent.maxModelLength;
        this.rules = ChoiceRules.ofBeam(live, vocabulary);
        extend(token);
    }

    LiveRequest live() {
        return live;
    }

    int choice() {
        return choice;
    }

    /** Tokens of prompt and answer so far. */
    int length() {
        return length;
    }

    int promptLength() {
        return live.request().prompt().length;
    }

    /** Tokens of the answer so far. */
    int generated() {
        return length - promptLength();
    }

    /** Tokens whose keys and values lie in blocks. */
    int computed() {
        return computed;
    }

    /** Tokens to compute before the next one can be chosen; at least 1 unless it is parked. */
    int remaining() {
        return goal() - computed;
    }

    /**
     * Tokens that the model has to see. Where the answer is complete already, for its format forced
     * the rest, those are the ones whose log-probabilities are wanted, or the prompt alone.
     */
    private int goal() {
        if (cause == null) {
            return length;
        }
        return wantsLogprobs() ? length - 1 : promptLength();
    }

    private boolean wantsLogprobs() {
        return live.request().topLogprobs() >= 0;
    }

    /** Whether all of the prompt lies in blocks. */
    boolean hasPrompt() {
        return computed >= promptLength();
    }

    /** Whether it writes its answer: what it computes is due now, and little. */
    boolean isDecoding() {
        int left = remaining();
        return left == 1 || (left <= MOST_FORCED_AT_ONCE && computed >= promptLength());
    }

    /** Whether its prompt is to be put on its tenant's account: once, however often it starts. */
    boolean charge() {
        return standing.charge() && choice == 0;
    }

    SequenceBlocks blocks() {
        return blocks;
    }

    /** Whether it waits for the other beams of its request and has nothing to compute. */
    boolean isParked() {
        return parked;
    }

    /** What may follow it is known: there is nothing to compute until a token is chosen. */
    void park() {
        parked = true;
    }

    /** Takes a token that was chosen for it among those of all beams. */
    void extend(int id) {
        makeRoomForTokens(1);
        tokens[length++] = id;
        // Clients hear of whole answers only, and not from a beam.
        told = length;
        standing.failures().tokenCame();
        parked = false;
    }

    private void makeRoomForTokens(int count) {
        if (length + count > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(length + count + 16, length + length / 2));
        }
    }

    Standing standing() {
        return standing;
    }

    /** How it is guessed; null = nobody tried yet. */
    Guesses guesses() {
        return guesses;
    }

    void guessedBy(Guesses its) {
        guesses = its;
    }

    /**
     * Guesses that may be put behind its last token now; 0 where its next token is not chosen by
     * the step that computes what remains.
     */
    int mostGuesses() {
        boolean plain = gate == LayerGate.OPEN && !live.isShadow() && live.beams() == null;
        return plain && cause == null && rules.canBeGuessed(wantsLogprobs()) ? tokensLeft() - 1 : 0;
    }

    /** Lets at most so many tokens be guessed; returns how many were. */
    int guess(int most) {
        makeRoomForTokens(most);
        return guesses.guess(tokens, length, most, rules, tokensLeft());
    }

    /**
     * How the token behind guesses would be chosen.
     *
     * @return {@link SamplingRow.Ignore} where it would not
     */
    SamplingRow rowBehind(int[] guessed, int count) {
        makeRoomForTokens(count);
        System.arraycopy(guessed, 0, tokens, length, count);
        boolean follows = rules.follow(tokens, length, count, tokensLeft()) == count;
        return follows ? row(length - 1 + count) : new SamplingRow.Ignore();
    }

    /** How many of the guesses that began at a position stand there now. */
    int held(int from, int count) {
        return count == 0 ? 0 : guesses.held(tokens, from, length, count);
    }

    boolean hasEnded() {
        return ended;
    }

    void end() {
        ended = true;
    }

    /** Starts to run with the first {@code restored} tokens computed. */
    void start(SequenceBlocks withBlocks, int restored) {
        blocks = withBlocks;
        computed = restored;
        awaited.started();
    }

    /** The same, with tokens of which layers are still on their way. */
    void start(SequenceBlocks withBlocks, int coming, LayerGate behind) {
        start(withBlocks, coming);
        gate = behind;
    }

    /** How far what it began with has come. */
    LayerGate gate() {
        return gate;
    }

    /** All that it began with has come. */
    void passedGate() {
        gate = LayerGate.OPEN;
    }

    /** Starts to run with the first {@code shared} tokens of another choice computed. */
    void fork(Sequence parent, SequenceBlocks forked, int shared) {
        prefix = parent.prefix.fork(shared);
        start(forked, shared);
    }

    /** Prompt and answer so far, and guesses; not to be changed, good for one turn. */
    int[] tokens() {
        return tokens;
    }

    /** Hashes of its full blocks. */
    PrefixHashes prefix() {
        prefix.extendTo(tokens, length);
        return prefix;
    }

    /**
     * Most tokens that it may begin with: the last one is computed, for its logits, and so are
     * those whose log-probabilities are wanted.
     */
    int restorable() {
        if (live.isShadow()) {
            return 0;
        }
        return scoresPrompt() ? scored : Math.min(firstWanted(), goal() - 1);
    }

    /** Position of the first answer token whose logits are wanted; {@link #length} = none. */
    private int firstWanted() {
        if (wantsLogprobs()) {
            return told - 1;
        }
        return cause == null ? length - 1 : length;
    }

    /** Makes its full blocks known, before any of them is released. */
    void enterBlocks(PrefixCache cache) {
        if (!live.isShadow()) {
            cache.enter(blocks, prefix(), tokens, computed);
        }
    }

    /** What it gives time to while it waits. */
    AwaitedBlocks awaited() {
        return awaited;
    }

    /** Gives all blocks back; what was computed is lost. */
    void releaseBlocks() {
        if (blocks != null) {
            blocks.releaseAll();
            blocks = null;
        }
        if (guesses != null) {
            guesses.proposer().release();
        }
        computed = 0;
        gate = LayerGate.OPEN;
        awaited.lostBlocks();
    }

    /**
     * Offset of the first row of logits that is wanted when the next {@code count} tokens are
     * computed; {@code count} = none.
     */
    int logitsFrom(int count) {
        int first = scoresPrompt() ? scored : firstWanted();
        return Math.max(0, Math.min(count, first - computed));
    }

    /** Whether prompt log-probabilities are still to be computed. */
    boolean scoresPrompt() {
        return choice == 0 && live.scoresPrompt() && scored < promptLength() - 1;
    }

    /**
     * Its part of a step.
     *
     * @param count of its tokens, computed next
     * @param guessed tokens behind them
     */
    SequenceStep step(int count, int guessed) {
        int[] ids;
        if (count + guessed == 1) {
            oneToken[0] = tokens[computed];
            ids = oneToken;
        } else {
            ids = Arrays.copyOfRange(tokens, computed, computed + count + guessed);
        }
        return new SequenceStep(
                ids,
                computed,
                blocks.tables(),
                logitsFrom(count),
                live.adapterSlot(),
                gate,
                live.request().usesLongForm());
    }

    /** What to do with the logits at a position, a guessed one too; asked while the step runs. */
    SamplingRow row(int position) {
        GenerationRequest request = live.request();
        if (position < promptLength() - 1) {
            return new SamplingRow.Score(tokens[position + 1], request.promptLogprobs());
        }
        if (position < length - 1) {
            return wantsLogprobs()
                    ? new SamplingRow.Score(tokens[position + 1], request.topLogprobs())
                    : new SamplingRow.Ignore();
        }
        int ahead = position + 1 - length;
        return rules.next(tokens, promptLength(), length, ahead, tokensLeft() - ahead);
    }

    /** Whether the logits at a position are sampled or scored. */
    boolean needsRow(int position) {
        if (position < promptLength() - 1) {
            return true;
        }
        return position < length - 1 ? wantsLogprobs() : rules.isOpen(position + 1 - length);
    }

    ChoiceRules rules() {
        return rules;
    }

    /** Of {@code count} tokens computed next, those of the answer that were never computed. */
    int newAnswerTokens(int count) {
        // Forced tokens may have come from the cache, beyond what was computed before.
        return Math.clamp(computed + count - Math.max(promptLength(), furthest), 0, count);
    }

    /** The next {@code count} tokens lie in blocks now. */
    void advance(int count) {
        computed += count;
        furthest = Math.max(furthest, computed);
        scored = Math.max(scored, Math.min(computed, promptLength() - 1));
    }

    /** Takes the log-probabilities of a token that was forced: the first one not told yet. */
    void scored(GeneratedToken token) {
        due.add(token);
        told++;
    }

    /** Takes a token that was chosen, and after it those that its format forces. */
    void take(GeneratedToken token) {
        cause = append(token.id());
        due.add(token);
        told++;
        appendForced();
    }

    /** Ends the answer where it is: its format is complete, and nothing can follow. */
    void complete() {
        if (rules.canEnd()) {
            cause = new StopCause.EndOfSequence();
        }
    }

    /** Whether no token follows the last one. */
    boolean isComplete() {
        return cause != null;
    }

    /** Tokens that the client may hear of now, in order; empty if none. */
    List<GeneratedToken> takeDue() {
        return due.take();
    }

    /** Why the choice ends, once the client has heard all of it; else null. */
    StopCause endCause() {
        return told == length ? cause : null;
    }

    private void appendForced() {
        int[] forced = cause == null ? rules.forced(tokensLeft()) : FormatGuide.NOTHING;
        for (int i = 0; i < forced.length && cause == null; i++) {
            cause = append(forced[i]);
            if (!wantsLogprobs()) {
                scored(DueTokens.bare(forced[i]));
            }
        }
    }

    /**
     * Takes what was generated elsewhere, token by token, so that penalties, format and stop
     * conditions are where they were; what the format forces from there on is told from here.
     *
     * @throws IllegalArgumentException if this request cannot have been answered so
     */
    private void goOnAfter(int[] before) {
        while (generated() < before.length && cause == null) {
            try {
                cause = append(before[generated()]);
            } catch (IllegalStateException notOfTheFormat) {
                throw new IllegalArgumentException(notOfTheFormat.getMessage(), notOfTheFormat);
            }
            appendForced();
        }
        int answer = promptLength();
        if (generated() < before.length
                || !Arrays.equals(
                        tokens, answer, answer + before.length, before, 0, before.length)) {
            throw new IllegalArgumentException("the answer ended before, or goes on differently");
        }
        due.take();
        told = answer + before.length;
        furthest = told - 1;
        while (told < length && !wantsLogprobs()) {
            scored(DueTokens.bare(tokens[told]));
        }
    }

    /** Tokens that the answer may still get. */
    private int tokensLeft() {
        int budget = live.request().stop().maxTokens() - generated();
        return Math.min(budget, maxModelLength - length);
    }

    /**
     * Adds a token to the answer.
     *
     * @return why the choice ends with it, or null
     */
    private StopCause append(int id) {
        makeRoomForTokens(1);
        tokens[length++] = id;
        standing.failures().tokenCame();
        live.countTokens(1);
        return rules.add(id, generated(), tokensLeft());
    }
}
