package dev.cairn.core.grammar;

import java.util.Arrays;

/**
 * Masks of one grammar over one vocabulary. Remembers what it computed, so sequences that share a
 * grammar should share it.
 *
 * <p>A mask is computed by walking the trie of tokens with the grammar; a byte that the grammar
 * does not take leaves out all tokens below it, and where any text of some {@link Alphabets
 * alphabet} leads nowhere else, all tokens of that alphabet are in without a walk. Configurations
 * that differ only in counts far from their bounds share a mask, and so do budgets between which no
 * token becomes too long.
 *
 * <p>Bounded: {@value #MOST_WORK} pairs of state and frame are looked at per mask, and as many to
 * find free text; without that, tokens are walked one by one. Behind the first bound a mask has the
 * tokens found so far, those of one byte, and the one that closes the text soonest: it may lack
 * tokens, never have a wrong one, and never be empty where the budget is enough. {@value
 * #MOST_MASK_WORDS} words of masks are kept.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class MaskSource {

    private static final long MOST_WORK = 1_000_000;
    private static final int MOST_MASK_WORDS = 4 << 20;

    /** With so many tokens below a node, it is looked whether they are free text. */
    private static final int LARGE_SUBTREE = 48;

    private final TokenTrie trie;
    private final long mostWork;
    private final boolean subtrees;
    private final TrieCut whole;
    private final Stepper stepper;
    private final ForcedText forced;
    private final int shortest;
    private final Configuration[] path = new Configuration[TokenTrie.LONGEST + 1];
    private final int[] none;
    private final long grammarBytes;
    private int maskWords;

    /** Written by the mailbox, read by those who look what may stay in memory. */
    private volatile long bytes;

    /** Budget that the last walk's mask is good for: from {@code low} to below {@code high}. */
    private int low;

    private int high;

    public MaskSource(Grammar grammar, TokenTrie trie) {
        this(grammar, trie, Canonical.NONE);
    }

    MaskSource(Grammar grammar, TokenTrie trie, Canonical canonical) {
        this(grammar, trie, canonical, MOST_WORK);
    }

    /**
     * @param mostWork pairs that are looked at per mask
     */
    MaskSource(Grammar grammar, TokenTrie trie, Canonical canonical, long mostWork) {
        this(grammar, trie, canonical, mostWork, true);
    }

    /**
     * @param subtrees whether tokens that are free text are taken together; without, every one is
     *     walked, which gives the same masks
     */
    MaskSource(
            Grammar grammar, TokenTrie trie, Canonical canonical, long mostWork, boolean subtrees) {
        this.trie = trie;
        this.mostWork = mostWork;
        this.subtrees = subtrees;
        this.stepper = new Stepper(grammar, new Closing(grammar, trie));
        this.whole = new TrieCut(trie);
        this.forced = new ForcedText(stepper, trie, canonical);
        this.shortest = stepper.start().closing;
        this.grammarBytes = grammar.bytes();
        this.bytes = grammarBytes;
        this.none = new int[(trie.vocabulary() + 31) >>> 5];
    }

    /** A constraint at the beginning of its text. */
    public Constraint begin() {
        return new Constraint(this, stepper.start());
    }

    /** Tokens that are enough for a complete text. */
    int shortest() {
        return shortest;
    }

    TokenTrie trie() {
        return trie;
    }

    /** Bytes that are taken up by the grammar and what is remembered, roughly. Any thread. */
    long bytes() {
        return bytes;
    }

    /** Effort so far in pairs, for tests of its bound. */
    long work() {
        return stepper.work();
    }

    /** No tokens at all. */
    int[] none() {
        return none;
    }

    /** A configuration to use from now on instead of one that may be forgotten. */
    Configuration home(Configuration at) {
        if (stepper.isFull() || maskWords > MOST_MASK_WORDS) {
            maskWords = 0;
            stepper.forget();
        }
        return stepper.home(at);
    }

    /**
     * Tokens that may come next.
     *
     * @param exact of {@link #home}
     * @param tokensLeft the next one included
     * @return shared, not to be changed
     */
    int[] mask(Configuration exact, int tokensLeft) {
        Configuration from = stepper.likeness(exact);
        int budget = tokensLeft - exact.alikeSpare;
        int[] known = from.maskFor(budget);
        if (known != null) {
            return known;
        }
        int[] mask = new int[none.length];
        low = Integer.MIN_VALUE;
        high = Integer.MAX_VALUE;
        allow(from, mask, budget);
        if (from.mayEnd) {
            for (int id : trie.endings()) {
                mask[id >>> 5] |= 1 << (id & 31);
            }
        }
        from.keepMask(low, high, mask);
        maskWords += mask.length;
        bytes = grammarBytes + stepper.bytes() + 4L * maskWords;
        return mask;
    }

    /** Takes a token's bytes. Null if the grammar does not. */
    Configuration advance(Configuration from, byte[] text) {
        Configuration at = from;
        for (int i = 0; i < text.length && at != null; i++) {
            at = stepper.advance(at, text[i] & 0xff);
        }
        return at;
    }

    /** Tokens that must come next, whatever is chosen; see {@link ForcedText}. */
    int[] forced(Configuration from, int most) {
        return forced.tokens(from, most);
    }

    private void allow(Configuration from, int[] mask, int budget) {
        if (!subtrees) {
            walk(from, mask, budget, whole);
            return;
        }
        FreeStretch stretch = stepper.stretch(from);
        boolean fits = stretch.most() < budget;
        boolean exceeds = stretch.fewest() >= budget;
        if (!stretch.isWide() || !fits && !exceeds) {
            walk(from, mask, budget, whole);
            return;
        }
        if (fits) {
            int[] words = trie.alphabets.without(stretch.away(), stretch.characters());
            System.arraycopy(words, 0, mask, 0, words.length);
            low = stretch.most() + 1;
        } else {
            high = stretch.fewest() + 1;
        }
        walk(from, mask, budget, trie.alphabets.with(stretch.away()));
    }

    private void walk(Configuration from, int[] mask, int budget, TrieCut cut) {
        stepper.beginWalk();
        long limit = stepper.work() + mostWork;
        path[0] = from;
        int at = 0;
        while (at < cut.size) {
            int depth = cut.depth[at];
            Configuration reached = stepper.walk(path[depth - 1], cut.label[at] & 0xff);
            if (reached == null) {
                at = cut.skip[at];
                continue;
            }
            path[depth] = reached;
            int node = cut.node(at);
            if (trie.hasToken(node) && fits(reached, budget)) {
                allow(trie.tokenFrom[node], trie.tokenFrom[node + 1], mask);
            }
            boolean passed = stepper.work() > limit || isSettled(reached, node, mask, budget);
            at = passed ? cut.skip[at] : at + 1;
        }
        if (stepper.work() > limit) {
            allowCloser(from, mask, budget);
        }
        Arrays.fill(path, null);
    }

    /**
     * Whether nothing below a node needs a walk: the tokens there are free text, all of them, and
     * in the mask now if they may be. Whether a stretch is looked for is up to the trie and this
     * walk alone, not to what is remembered.
     */
    private boolean isSettled(Configuration reached, int node, int[] mask, int budget) {
        int tokens = trie.subtrees.tokens(node);
        if (tokens < LARGE_SUBTREE && (tokens == 0 || !stepper.isStretchPaid(reached))) {
            return tokens == 0;
        }
        if (!subtrees || stepper.stretchEffort() > mostWork) {
            return false;
        }
        FreeStretch stretch = stepper.stretch(reached);
        if (!stretch.isThere() || !trie.subtrees.areWithin(stretch, node)) {
            return false;
        }
        if (stretch.most() < budget) {
            low = Math.max(low, stretch.most() + 1);
            allow(trie.tokenFrom[node + 1], trie.tokenFrom[trie.skip[node]], mask);
            return true;
        }
        if (stretch.fewest() >= budget) {
            high = Math.min(high, stretch.fewest() + 1);
            return true;
        }
        return false;
    }

    private void allow(int from, int to, int[] mask) {
        for (int i = from; i < to; i++) {
            int id = trie.tokens[i];
            mask[id >>> 5] |= 1 << (id & 31);
        }
    }

    private void allowCloser(Configuration from, int[] mask, int budget) {
        int id = from.closer;
        if (from.closing > budget) {
            high = Math.min(high, from.closing);
        } else if (id != Closing.NO_TOKEN) {
            low = Math.max(low, from.closing);
            mask[id >>> 5] |= 1 << (id & 31);
        }
    }

    /** Whether a text can be closed behind a token, which is the budget's first. */
    private boolean fits(Configuration reached, int budget) {
        if (reached.closing < budget) {
            low = Math.max(low, reached.closing + 1);
            return true;
        }
        high = Math.min(high, reached.closing + 1);
        return false;
    }
}
