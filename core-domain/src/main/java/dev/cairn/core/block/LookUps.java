package dev.cairn.core.block;

/**
 * Tokens of prompts that were looked up in a prefix cache when they began, and those of them that
 * were there.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class LookUps {

    private long tokens;
    private long hits;

    /** A prompt was looked up when it began. */
    public void saw(int ofTokens, int hit) {
        tokens += ofTokens;
        hits += hit;
    }

    public long tokens() {
        return tokens;
    }

    public long hits() {
        return hits;
    }
}
