package dev.cairn.core.request;

/** How values of a request are written into messages: short, whatever the client sent. */
final class Values {

    private static final int LONGEST = 100;

    private Values() {}

    static String quoted(String text) {
        return '"' + (text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...") + '"';
    }

    /** Without the decimals of a whole number. */
    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
