package dev.cairn.core.parts;

/** Where one JSON value ends, told character by character. One thread. */
final class ValueScan {

    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean begun;

    /** Where a character is. */
    enum Place {
        /** Within the value. */
        INSIDE,
        /** The value's last. */
        LAST,
        /** Behind a number or a word, which only the next character ends. */
        BEHIND
    }

    Place take(char c) {
        if (inString) {
            return takeInString(c);
        }
        boolean first = !begun;
        begun = true;
        switch (c) {
            case '"' -> {
                if (depth == 0 && !first) {
                    return Place.BEHIND;
                }
                inString = true;
            }
            case '{', '[' -> {
                if (depth == 0 && !first) {
                    return Place.BEHIND;
                }
                depth++;
            }
            case '}', ']' -> {
                if (depth == 0) {
                    return Place.BEHIND;
                }
                depth--;
                return depth == 0 ? Place.LAST : Place.INSIDE;
            }
            case ',', ':', ';', ' ', '\n', '\r', '\t' -> {
                return depth == 0 ? Place.BEHIND : Place.INSIDE;
            }
            default -> {}
        }
        return Place.INSIDE;
    }

    private Place takeInString(char c) {
        if (escaped) {
            escaped = false;
        } else if (c == '\\') {
            escaped = true;
        } else if (c == '"') {
            inString = false;
            return depth == 0 ? Place.LAST : Place.INSIDE;
        }
        return Place.INSIDE;
    }
}
