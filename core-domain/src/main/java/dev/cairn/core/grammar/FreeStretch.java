package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Text of some alphabet that a configuration takes whatever its characters are: the inside of a
 * JSON string, free text. Which tokens of that alphabet are allowed depends on their length alone.
 *
 * @param away what else tokens are made of: those need a walk
 * @param characters so many may follow; {@link #ANY} if no token is too long
 * @param fewest least {@link Configuration#closing} behind one or more of them
 * @param most largest one
 * @param strays ASCII characters that lead elsewhere at once, but not nowhere
 */
record FreeStretch(Alphabets.Alphabet away, int characters, int fewest, int most, int strays) {

    static final int ANY = TokenTrie.LONGEST;

    /** Where there is no such stretch. */
    static final FreeStretch NONE =
            new FreeStretch(new Alphabets.Alphabet(-1L, -1L, true, true), 0, 0, 0, 0);

    /** A smaller alphabet is not worth a look. */
    private static final int FEWEST_CHARACTERS = 24;

    /** As many as a JSON string has: the quote, the backslash, and the control characters. */
    private static final int MOST_STRAYS = 2;

    private static final int MOST_AWAY = 36;

    /** A character that nearly every free text has. */
    private static final char PROBE = 'e';

    /** Finds the stretch of a configuration in walks, and notes in it what that cost. */
    static FreeStretch of(Configuration from, Stepper stepper) {
        var away = new Away();
        FreeStretch found = of(from, stepper, away);
        from.stretchEffort = away.effort;
        return found;
    }

    private static FreeStretch of(Configuration from, Stepper stepper, Away away) {
        List<Configuration> chain = new ArrayList<>();
        Configuration at = from;
        int characters = ANY;
        for (int i = 0; i < ANY; i++) {
            Configuration to = stepper.look(at, PROBE);
            if (i == 0 && to == null) {
                return NONE;
            }
            away.add(at, to, stepper);
            if (away.left() < FEWEST_CHARACTERS) {
                return NONE;
            }
            if (to == null) {
                characters = i;
                break;
            }
            chain.add(to);
            if (to == at) {
                break;
            }
            at = to;
        }
        return new FreeStretch(
                new Alphabets.Alphabet(away.low, away.high, away.beyond, true),
                characters,
                chain.stream().mapToInt(each -> each.closing).min().orElse(0),
                chain.stream().mapToInt(each -> each.closing).max().orElse(0),
                away.strays);
    }

    /** Whether nearly every token consists of its characters. */
    boolean isWide() {
        int ascii = Long.bitCount(away.low()) + Long.bitCount(away.high());
        return isThere() && strays <= MOST_STRAYS && ascii <= MOST_AWAY;
    }

    boolean isThere() {
        return characters > 0;
    }

    /** Characters that lead elsewhere than others. */
    private static final class Away {
        private long low;
        private long high;
        private boolean beyond;
        private int strays = -1;
        private int effort;

        int left() {
            return 128 - Long.bitCount(low) - Long.bitCount(high);
        }

        void add(Configuration from, Configuration to, Stepper stepper) {
            int elsewhere = 0;
            int before = -1;
            for (int value = 0; value < 128; value++) {
                Configuration next = stepper.look(from, value);
                if (next != to) {
                    low |= value < 64 ? 1L << value : 0;
                    high |= value < 64 ? 0 : 1L << (value - 64);
                    elsewhere += next == null ? 0 : 1;
                }
                if (stepper.byteClass(value) != before) {
                    before = stepper.byteClass(value);
                    effort += stepper.effort(from, value);
                }
            }
            strays = strays < 0 ? elsewhere : strays;
            for (int[] form : Utf8.BEYOND_ASCII) {
                beyond = beyond || !allLead(from, to, form, 0, stepper);
            }
        }

        /** Whether all characters of a form, from its byte {@code i} on, lead to one place. */
        private static boolean allLead(
                Configuration at, Configuration to, int[] form, int i, Stepper stepper) {
            int before = -1;
            for (int value = form[2 * i]; value <= form[2 * i + 1]; value++) {
                if (stepper.byteClass(value) == before) {
                    continue;
                }
                before = stepper.byteClass(value);
                Configuration next = stepper.look(at, value);
                boolean last = 2 * i + 2 == form.length;
                boolean leads =
                        last || next == null ? next == to : allLead(next, to, form, i + 1, stepper);
                if (!leads) {
                    return false;
                }
            }
            return true;
        }
    }
}
