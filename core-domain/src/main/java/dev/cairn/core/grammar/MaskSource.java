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
 * <p>Bounded: {@value #MOST_WORK} pairs of state and frame are looked at per mask. Behind that
 * bound a mask has the tokens found so far, those of one byte, and the one that closes the text
 * soonest: it may lack tokens, never have a wrong one, and never be empty where the budget is
 * enough. {@value #MOST_MASK_WORDS} words of masks are kept.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class MaskSource {

    private static final long MOST_WORK = 1_000_000;
    private static final int MOST_MASK_WORDS = 4 << 20;

    private final TokenTrie trie;
    private final Stepper stepper;
    private final LeavingBytes leaving;
    private final ForcedText forced;
    private final int shortest;
    private final Configuration[] path = new Configuration[TokenTrie.LONGEST + 1];
    private final int[] none;
    private int maskWords;

    /** Budget that the last walk's mask is good for: from {@code low} to below {@code high}. */
    private int low;

    private int high;

    public MaskSource(Grammar grammar, TokenTrie trie) {
        this(grammar, trie, Canonical.NONE);
    }

    MaskSource(Grammar grammar, TokenTrie trie, Canonical canonical) {
        this.trie = trie;
        this.stepper = new Stepper(grammar, new Closing(grammar, trie));
        this.leaving = new LeavingBytes(stepper);
        this.forced = new ForcedText(stepper, trie, canonical);
        this.shortest = stepper.start().closing;
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

    /** Bytes that are taken up by what is remembered, roughly. */
    long bytes() {
        return stepper.bytes() + 4L * maskWords;
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
        walk(from, mask, budget);
        if (from.mayEnd) {
            for (int id : trie.endings()) {
                mask[id >>> 5] |= 1 << (id & 31);
            }
        }
        from.keepMask(low, high, mask);
        maskWords += mask.length;
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

    private void walk(Configuration from, int[] mask, int budget) {
        Alphabets.Alphabet away = leaving.of(from);
        stepper.beginWalk();
        long limit = stepper.work() + MOST_WORK;
        boolean returns = away != null;
        if (returns && fits(from, budget)) {
            int[] words = trie.alphabets.without(away);
            System.arraycopy(words, 0, mask, 0, words.length);
        }
        path[0] = from;
        int node = 0;
        while (node < trie.size()) {
            if (returns && !trie.alphabets.meets(node, away)) {
                node = trie.skip[node];
                continue;
            }
            int depth = trie.depth[node];
            Configuration at = stepper.walk(path[depth - 1], trie.label[node] & 0xff);
            if (at == null) {
                node = trie.skip[node];
                continue;
            }
            path[depth] = at;
            if (trie.hasToken(node) && fits(at, budget)) {
                allow(node, mask);
            }
            node = stepper.work() > limit ? trie.skip[node] : node + 1;
        }
        if (stepper.work() > limit) {
            allowCloser(from, mask, budget);
        }
        Arrays.fill(path, null);
    }

    private void allow(int node, int[] mask) {
        for (int i = trie.tokenFrom[node]; i < trie.tokenFrom[node + 1]; i++) {
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
