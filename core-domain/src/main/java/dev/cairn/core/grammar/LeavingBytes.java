package dev.cairn.core.grammar;

/**
 * Finds what leads away from a configuration, where most characters lead back to it: the inside of
 * a JSON string, free text. Scratch of one {@link MaskSource}.
 */
final class LeavingBytes {

    /** Fewer characters that lead back make no alphabet worth a look. */
    private static final int FEWEST = 24;

    private static final Alphabets.Alphabet EVERYTHING =
            new Alphabets.Alphabet(-1L, -1L, true, true);

    private final Stepper stepper;

    LeavingBytes(Stepper stepper) {
        this.stepper = stepper;
    }

    /** The characters that do not lead back; null where that is nearly all of them. */
    Alphabets.Alphabet of(Configuration from) {
        if (from.leaving == null) {
            from.leaving = find(from);
        }
        return from.leaving == EVERYTHING ? null : from.leaving;
    }

    private Alphabets.Alphabet find(Configuration from) {
        // A character that nearly every free text has decides cheaply against most others.
        if (stepper.walk(from, 'e') != from || stepper.walk(from, '0') != from) {
            return EVERYTHING;
        }
        long low = 0;
        long high = 0;
        int back = 0;
        for (int value = 0; value < 128; value++) {
            if (stepper.walk(from, value) == from) {
                back++;
            } else if (value < 64) {
                low |= 1L << value;
            } else {
                high |= 1L << (value - 64);
            }
        }
        if (back < FEWEST) {
            return EVERYTHING;
        }
        boolean beyond = false;
        for (int[] form : Utf8.BEYOND_ASCII) {
            beyond |= !returns(from, from, form, 0);
        }
        return new Alphabets.Alphabet(low, high, beyond, true);
    }

    /** Whether all characters of a form, from its byte {@code i} on, lead to a configuration. */
    private boolean returns(Configuration home, Configuration at, int[] form, int i) {
        int before = -1;
        for (int value = form[2 * i]; value <= form[2 * i + 1]; value++) {
            if (stepper.byteClass(value) == before) {
                continue;
            }
            before = stepper.byteClass(value);
            Configuration next = stepper.walk(at, value);
            boolean last = 2 * i + 2 == form.length;
            if (next == null
                    || last && next != home
                    || !last && !returns(home, next, form, i + 1)) {
                return false;
            }
        }
        return true;
    }
}
