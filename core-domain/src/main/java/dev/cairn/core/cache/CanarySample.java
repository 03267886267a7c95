package dev.cairn.core.cache;

import java.util.List;

/** A prefix that was fetched and is to be computed once more, to compare. */
public final class CanarySample {

    private final int[] tokens;
    private final List<Piece> fetched;

    /**
     * @param tokens of the prefix, to the end of the last block
     * @param fetched blocks, with the checksums with which they came
     */
    CanarySample(int[] tokens, List<Piece> fetched) {
        this.tokens = tokens;
        this.fetched = List.copyOf(fetched);
    }

    /** What is to be computed; not to be changed. */
    public int[] tokens() {
        return tokens;
    }

    List<Piece> fetched() {
        return fetched;
    }
}
