package dev.cairn.core.grammar;

/**
 * Masks of one grammar over one vocabulary. Remembers what it computed, so sequences that share a
 * grammar should share it.
 *
 * <p>A mask is computed by walking the trie of tokens with the grammar; a byte that the grammar
 * does not take leaves out all tokens below it. Configurations that differ only in counts far from
 * their bounds share a mask. Bounded: {@value #MOST_WORK} looks per mask, and {@value
 * #MOST_MASK_WORDS} words of masks, beyond which all are dropped.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class MaskSource {

    private static final long MOST_WORK = 4_000_000;
    private static final int MOST_MASK_WORDS = 4 << 20;

    private final TokenTrie trie;
    private final Stepper stepper;
    private final Configuration start;
    private final Configuration[] path = new Configuration[TokenTrie.LONGEST + 1];
    private int maskWords;

    public MaskSource(Grammar grammar, TokenTrie trie) {
        this.trie = trie;
        this.stepper = new Stepper(grammar, TokenTrie.LONGEST);
        this.start = stepper.start();
    }

    /** A constraint at the beginning of its text. */
    public Constraint begin() {
        return new Constraint(this, start);
    }

    TokenTrie trie() {
        return trie;
    }

    /**
     * Tokens that may come next.
     *
     * @return shared, not to be changed
     */
    int[] mask(Configuration exact) {
        Configuration from = stepper.alike(exact);
        if (from.mask != null) {
            return from.mask;
        }
        int words = (trie.vocabulary() + 31) >>> 5;
        if (maskWords + words > MOST_MASK_WORDS) {
            maskWords = 0;
            stepper.forget();
            from = stepper.alike(exact);
        }
        int[] mask = new int[words];
        if (from.mayEnd) {
            for (int id : trie.endings()) {
                mask[id >>> 5] |= 1 << (id & 31);
            }
        }
        if (walk(from, mask)) {
            from.mask = mask;
            maskWords += words;
        }
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

    /**
     * Sets the bits of tokens that may come next.
     *
     * @return whether all were looked at; if the work was too much, single bytes at least were, so
     *     that the text can go on
     */
    private boolean walk(Configuration from, int[] mask) {
        long limit = stepper.work() + MOST_WORK;
        path[0] = from;
        int node = 0;
        while (node < trie.size()) {
            int depth = trie.depth[node];
            Configuration at = stepper.walk(path[depth - 1], trie.label[node] & 0xff);
            if (at == null) {
                node = trie.skip[node];
                continue;
            }
            path[depth] = at;
            for (int i = trie.tokenFrom[node]; i < trie.tokenFrom[node + 1]; i++) {
                int id = trie.tokens[i];
                mask[id >>> 5] |= 1 << (id & 31);
            }
            node = stepper.work() > limit ? trie.skip[node] : node + 1;
        }
        return stepper.work() <= limit;
    }
}
