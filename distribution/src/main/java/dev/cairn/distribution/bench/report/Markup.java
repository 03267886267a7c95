package dev.cairn.distribution.bench.report;

/** Text as it stands in HTML and SVG. */
public final class Markup {

    private Markup() {}

    /** Text that no markup can hide in; what XML has no place for is left out. */
    public static String text(String plain) {
        StringBuilder out = new StringBuilder(plain.length() + 16);
        plain.codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '&' -> out.append("&amp;");
                                case '<' -> out.append("&lt;");
                                case '>' -> out.append("&gt;");
                                case '"' -> out.append("&quot;");
                                case '\n', '\t' -> out.append((char) c);
                                default -> {
                                    boolean allowed =
                                            c >= ' '
                                                    && !(c >= 0xD800 && c < 0xE000)
                                                    && c != 0xFFFE
                                                    && c != 0xFFFF;
                                    if (allowed) {
                                        out.appendCodePoint(c);
                                    }
                                }
                            }
                        });
        return out.toString();
    }
}
