package dev.cairn.ports.engine;

import java.util.Arrays;

/**
 * Which tokens a sequence holds: occurrences in the answer, and whether the prompt has them. Open
 * addressing, no boxing.
 *
 * <p>Threads: written by the core between steps, read by the runner during one.
 */
public final class TokenCounts {

    private static final int FREE = -1;

    private int[] ids = new int[32];
    private int[] generated = new int[32];
    private boolean[] inPrompt = new boolean[32];
    private int size;

    public TokenCounts() {
        Arrays.fill(ids, FREE);
    }

    private TokenCounts(TokenCounts other) {
        ids = other.ids.clone();
        generated = other.generated.clone();
        inPrompt = other.inPrompt.clone();
        size = other.size;
    }

    /**
     * What it would be after more tokens of the answer: guesses, behind which a token is chosen
     * before they are known to hold.
     *
     * @param tokens of which those from {@code from} to before {@code to} are added
     */
    public TokenCounts with(int[] tokens, int from, int to) {
        TokenCounts more = new TokenCounts(this);
        for (int i = from; i < to; i++) {
            more.addGenerated(tokens[i]);
        }
        return more;
    }

    /** Notes a token of the prompt. */
    public void addPrompt(int id) {
        int slot = slot(id); // may replace the arrays
        inPrompt[slot] = true;
    }

    /** Notes a token of the answer. */
    public void addGenerated(int id) {
        int slot = slot(id); // may replace the arrays
        generated[slot]++;
    }

    /** Takes back one {@link #addGenerated}. */
    public void removeGenerated(int id) {
        int slot = slot(id);
        if (generated[slot] == 0) {
            throw new IllegalStateException("token " + id + " was not counted");
        }
        generated[slot]--;
    }

    /** Visits every token noted, each once, in no particular order. */
    public void forEach(Visitor visitor) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != FREE) {
                visitor.visit(ids[i], generated[i], inPrompt[i]);
            }
        }
    }

    private int slot(int id) {
        if (id < 0) {
            throw new IllegalArgumentException("token ids are not negative, got " + id);
        }
        if (2 * (size + 1) > ids.length) {
            grow();
        }
        int slot = probe(ids, id);
        if (ids[slot] == FREE) {
            ids[slot] = id;
            size++;
        }
        return slot;
    }

    private void grow() {
        int[] newIds = new int[ids.length * 2];
        int[] newGenerated = new int[newIds.length];
        boolean[] newInPrompt = new boolean[newIds.length];
        Arrays.fill(newIds, FREE);
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != FREE) {
                int slot = probe(newIds, ids[i]);
                newIds[slot] = ids[i];
                newGenerated[slot] = generated[i];
                newInPrompt[slot] = inPrompt[i];
            }
        }
        ids = newIds;
        generated = newGenerated;
        inPrompt = newInPrompt;
    }

    private static int probe(int[] table, int id) {
        int mask = table.length - 1;
        int slot = ((id * 0x9e3779b9) >>> 7) & mask;
        while (table[slot] != FREE && table[slot] != id) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Sees one token. */
    public interface Visitor {

        void visit(int id, int generated, boolean inPrompt);
    }
}
