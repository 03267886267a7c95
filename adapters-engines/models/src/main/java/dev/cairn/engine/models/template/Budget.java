package dev.cairn.engine.models.template;

/**
 * What one rendering may still consume. Templates and conversations come from strangers, so each
 * step, each element made and each character built is paid for before it exists.
 */
final class Budget {

    private static final int MAX_DEPTH = 400;

    private final int maxText;
    private long work;
    private int depth;

    /**
     * @param work steps, elements and characters in all
     * @param maxText longest text that may be built, in characters
     */
    Budget(long work, int maxText) {
        this.work = work;
        this.maxText = maxText;
    }

    void spend(long amount) {
        work -= amount;
        if (work < 0) {
            throw JinjaException.fault("the template takes too much work for this conversation");
        }
    }

    /** Pays for a text of that many characters. */
    void text(long characters) {
        if (characters > maxText) {
            throw JinjaException.fault(
                    "the template builds a text above " + maxText + " characters");
        }
        spend(characters / 8 + 1);
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw JinjaException.fault(
                    "the template nests deeper than " + MAX_DEPTH + " levels, perhaps without end");
        }
    }

    void leave() {
        depth--;
    }
}
