package dev.cairn.ports.relay;

/**
 * A prompt as the blocks that engines tell of.
 *
 * @param keys of its whole blocks in order, as the prefix index has them; nobody changes the array
 * @param blockTokens tokens of a block; 0 = the prompt was not read
 * @param tokens of the whole prompt
 */
public record ReadPrompt(long[] keys, int blockTokens, int tokens) {

    /** A prompt that is known by its bytes alone. */
    public static final ReadPrompt NONE = new ReadPrompt(new long[0], 0, 0);

    public boolean isKnown() {
        return blockTokens > 0;
    }
}
