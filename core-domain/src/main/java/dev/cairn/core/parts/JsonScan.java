package dev.cairn.core.parts;

/**
 * Finds where JSON values end in text that is still coming. Structure alone is looked at: whether a
 * value is well formed within is for a reader to say.
 */
final class JsonScan {

    /** More text is needed. */
    static final int MORE = -1;

    /** This is no JSON. */
    static final int BAD = -2;

    private JsonScan() {}

    static int skipSpace(CharSequence text, int from) {
        int at = from;
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    /**
     * @return the index behind a value, or {@link #MORE}, or {@link #BAD}
     */
    static int skipValue(CharSequence text, int from) {
        if (from >= text.length()) {
            return MORE;
        }
        var value = new ValueScan();
        for (int at = from; at < text.length(); at++) {
            switch (value.take(text.charAt(at))) {
                case INSIDE -> {}
                case LAST -> {
                    return at + 1;
                }
                case BEHIND -> {
                    return at == from ? BAD : at;
                }
            }
        }
        return MORE;
    }

    /**
     * @return the index behind a string, or {@link #MORE}, or {@link #BAD}
     */
    static int skipString(CharSequence text, int from) {
        if (from < text.length() && text.charAt(from) != '"') {
            return BAD;
        }
        return skipValue(text, from);
    }

    /**
     * @return the index behind a character, or {@link #MORE}, or {@link #BAD} if another is there
     */
    static int expect(CharSequence text, int from, char wanted) {
        if (from >= text.length()) {
            return MORE;
        }
        return text.charAt(from) == wanted ? from + 1 : BAD;
    }

    /**
     * @return the index behind a word, or {@link #MORE}, or {@link #BAD} if another is there
     */
    static int expect(CharSequence text, int from, String wanted) {
        for (int i = 0; i < wanted.length(); i++) {
            if (from + i >= text.length()) {
                return MORE;
            }
            if (text.charAt(from + i) != wanted.charAt(i)) {
                return BAD;
            }
        }
        return from + wanted.length();
    }

    /** How far a text's end is the beginning of a word. */
    static int heldAtEnd(CharSequence text, String word) {
        for (int length = Math.min(text.length(), word.length() - 1); length > 0; length--) {
            if (expect(text, text.length() - length, word) == MORE) {
                return length;
            }
        }
        return 0;
    }
}
