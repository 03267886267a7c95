package dev.cairn.core.grammar;

import java.util.Arrays;

/**
 * Classes of bytes that one configuration does not tell apart, though the grammar does elsewhere:
 * one step serves all of them. Scratch space of one {@link Stepper}.
 */
final class ClassGroups {

    private final Grammar grammar;

    /** A byte of each class. */
    private final int[] byteOf;

    /** Which configuration a set was met in last. */
    private final int[] metIn;

    private int met;
    private final int[] group;
    private final int[] moved;

    ClassGroups(Grammar grammar) {
        this.grammar = grammar;
        this.byteOf = new int[grammar.classes];
        this.metIn = new int[grammar.sets.length];
        this.group = new int[grammar.classes];
        this.moved = new int[2 * grammar.classes];
        for (int value = 255; value >= 0; value--) {
            byteOf[grammar.byteClass[value] & 0xff] = value;
        }
    }

    /** By class the first one that exactly the same edges of a configuration take. */
    byte[] of(Configuration from) {
        met++;
        Arrays.fill(group, 0);
        int count = 1;
        for (int state : from.states) {
            for (int edge = grammar.edgeFrom[state]; edge < grammar.edgeFrom[state + 1]; edge++) {
                int set = grammar.edgeWhat[edge];
                if (grammar.edgeKind[edge] == Grammar.TAKE_BYTE && metIn[set] != met) {
                    metIn[set] = met;
                    count = count == group.length ? count : split(grammar.sets[set], count);
                }
            }
        }
        byte[] first = new byte[group.length];
        Arrays.fill(moved, -1);
        for (int i = 0; i < first.length; i++) {
            if (moved[group[i]] < 0) {
                moved[group[i]] = i;
            }
            first[i] = (byte) moved[group[i]];
        }
        return first;
    }

    /** Parts each group into what is in a set and what is not. Returns the number of groups. */
    private int split(ByteSet set, int count) {
        Arrays.fill(moved, 0, 2 * count, -1);
        int next = 0;
        for (int i = 0; i < group.length; i++) {
            int key = 2 * group[i] + (set.contains(byteOf[i]) ? 1 : 0);
            if (moved[key] < 0) {
                moved[key] = next++;
            }
            group[i] = moved[key];
        }
        return next;
    }
}
