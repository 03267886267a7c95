package dev.cairn.ports.cache;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * Token ids as an immutable list that takes four bytes a token.
 *
 * <p>Threads: any.
 */
public final class TokenRun extends AbstractList<Integer> implements RandomAccess {

    private static final TokenRun EMPTY = new TokenRun(new int[0]);

    private final int[] ids;

    private TokenRun(int[] ids) {
        this.ids = ids;
    }

    /** A copy of {@code ids[from .. to)}. */
    public static TokenRun of(int[] ids, int from, int to) {
        return from == to ? EMPTY : new TokenRun(Arrays.copyOfRange(ids, from, to));
    }

    /** The same ids; the list itself where it is one of these. */
    public static TokenRun copyOf(List<Integer> ids) {
        if (ids instanceof TokenRun run) {
            return run;
        }
        return ids.isEmpty()
                ? EMPTY
                : new TokenRun(ids.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public Integer get(int index) {
        return ids[index];
    }

    @Override
    public int size() {
        return ids.length;
    }

    /** A copy. */
    public int[] toInts() {
        return ids.clone();
    }
}
