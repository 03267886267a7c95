package dev.cairn.engine.models.tokenizer;

import java.util.BitSet;
import java.util.Map;

/**
 * What ids stand for. Immutable.
 *
 * <p>Threads: any.
 */
public final class Vocabulary {

    private static final byte[] NONE = {};

    private final String[] names;
    private final byte[][] bytes;
    private final BitSet special;
    private final boolean stripsLeadingSpace;

    private Vocabulary(String[] names, byte[][] bytes, BitSet special, boolean stripsLeadingSpace) {
        this.names = names;
        this.bytes = bytes;
        this.special = special;
        this.stripsLeadingSpace = stripsLeadingSpace;
    }

    /**
     * @param names name of each id; ids without a token have none
     * @param special ids of special tokens
     * @param spelling how names turn into text
     */
    static Vocabulary of(Map<Integer, String> names, BitSet special, Spelling spelling) {
        int size = names.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
        String[] table = new String[size];
        byte[][] bytes = new byte[size][];
        names.forEach(
                (id, name) -> {
                    table[id] = name;
                    bytes[id] = spelling.bytes(name);
                });
        return new Vocabulary(table, bytes, special, spelling.stripsLeadingSpace());
    }

    /** As {@link #of} for names that are text, or bytes written as {@code <0x0A>}. */
    public static Vocabulary ofBytes(Map<Integer, String> names, BitSet special) {
        return of(names, special, new Spelling(false, true, "", false));
    }

    /** One above the highest id. */
    public int size() {
        return names.length;
    }

    /** Whether some token has this id. */
    public boolean has(int id) {
        return id >= 0 && id < names.length && names[id] != null;
    }

    /** The token as the vocabulary writes it; empty for ids without token. */
    public String name(int id) {
        return has(id) ? names[id] : "";
    }

    /**
     * The bytes of the token in running text; shared, not to be changed; empty for ids without
     * token.
     */
    public byte[] bytes(int id) {
        return has(id) ? bytes[id] : NONE;
    }

    public boolean isSpecial(int id) {
        return id >= 0 && special.get(id);
    }

    /** Whether a text loses the leading space of its first token. */
    public boolean stripsLeadingSpace() {
        return stripsLeadingSpace;
    }
}
