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
 */
record FreeStretch(Alphabets.Alphabet away, int characters, int fewest, int most) {

    static final int ANY = TokenTrie.LONGEST;

    /** Where there is no such stretch. */
    static final FreeStretch NONE =
            new FreeStretch(new Alphabets.Alphabet(-1L, -1L, true, true), 0, 0, 0);

    /** A smaller alphabet is not worth a look. */
    private static final int FEWEST_CHARACTERS = 24;

    /** A character that nearly every free text has. */
    private static final char PROBE = 'e';

    /** Finds the stretch of a configuration in walks. */
    static FreeStretch of(Configuration from, Stepper stepper) {
        var away = new Away();
        List<Configuration> chain = new ArrayList<>();
        Configuration at = from;
        int characters = ANY;
        for (int i = 0; i < ANY; i++) {
            Configuration to = stepper.walk(at, PROBE);
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
                chain.stream().mapToInt(each -> each.closing).max().orElse(0));
    }

    boolean isThere() {
        return characters > 0;
    }

    /** Characters that lead elsewhere than others. */
    private static final class Away {
        private long low;
        private long high;
        private boolean beyond;

        int left() {
            return 128 - Long.bitCount(low) - Long.bitCount(high);
        }

        void add(Configuration from, Configuration to, Stepper stepper) {
            for (int value = 0; value < 128; value++) {
                if (stepper.walk(from, value) != to) {
                    low |= value < 64 ? 1L << value : 0;
                    high |= value < 64 ? 0 : 1L << (value - 64);
                }
            }
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
                Configuration next = stepper.walk(at, value);
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
