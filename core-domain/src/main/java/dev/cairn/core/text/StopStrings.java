package dev.cairn.core.text;

import java.util.List;

/**
 * The stop strings of a request, prepared for matching while text arrives (Knuth, Morris, Pratt
 * 1977: per string the length of the longest border of each prefix).
 *
 * <p>Threads: any; immutable. {@link #matcher} gives the moving part.
 */
public final class StopStrings {

    /** No stop string. */
    public static final StopStrings NONE = new StopStrings(List.of());

    private final String[] strings;
    private final int[][] borders;

    private StopStrings(List<String> strings) {
        this.strings = strings.toArray(String[]::new);
        this.borders = new int[this.strings.length][];
        for (int i = 0; i < borders.length; i++) {
            if (this.strings[i].isEmpty()) {
                throw new IllegalArgumentException("a stop string cannot be empty");
            }
            borders[i] = borders(this.strings[i]);
        }
    }

    public static StopStrings of(List<String> strings) {
        return strings.isEmpty() ? NONE : new StopStrings(strings);
    }

    public boolean isEmpty() {
        return strings.length == 0;
    }

    Matcher matcher() {
        return new Matcher();
    }

    private static int[] borders(String text) {
        int[] border = new int[text.length() + 1];
        for (int end = 1, length = 0; end < text.length(); end++) {
            while (length > 0 && text.charAt(end) != text.charAt(length)) {
                length = border[length];
            }
            if (text.charAt(end) == text.charAt(length)) {
                length++;
            }
            border[end + 1] = length;
        }
        return border;
    }

    /** How far each string is matched at the end of the text so far. One thread at a time. */
    final class Matcher {

        private final int[] matched = new int[strings.length];

        /**
         * Takes the next character.
         *
         * @return the longest stop string that ends with it, or null
         */
        String advance(char next) {
            String found = null;
            for (int i = 0; i < strings.length; i++) {
                String string = strings[i];
                int length = matched[i];
                if (length == string.length()) {
                    length = borders[i][length];
                }
                while (length > 0 && string.charAt(length) != next) {
                    length = borders[i][length];
                }
                if (string.charAt(length) == next) {
                    length++;
                }
                matched[i] = length;
                if (length == string.length()
                        && (found == null || found.length() < string.length())) {
                    found = string;
                }
            }
            return found;
        }

        /** Characters at the end of the text that may yet turn out to begin a stop string. */
        int held() {
            int longest = 0;
            for (int i = 0; i < matched.length; i++) {
                // A whole match that was not acted on begins nothing more than its border does.
                int length =
                        matched[i] == strings[i].length() ? borders[i][matched[i]] : matched[i];
                longest = Math.max(longest, length);
            }
            return longest;
        }
    }
}
