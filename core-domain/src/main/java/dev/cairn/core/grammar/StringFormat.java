package dev.cairn.core.grammar;

import java.util.Map;

/** Values of JSON Schema's {@code format} that are held, each as a regular expression. */
final class StringFormat {

    private static final String YEAR = "[0-9]{4}";
    private static final String LEAP =
            "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[048]|[2468][048]|[13579][26])00)";
    private static final String DATE =
            "("
                    + YEAR
                    + "-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
                    + "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|"
                    + LEAP
                    + "-02-29)";
    private static final String TIME =
            "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?"
                    + "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,60}[A-Za-z0-9])?";
    private static final String ATOM = "[A-Za-z0-9_+-]{1,30}";
    private static final String GROUP = "[0-9A-Fa-f]{1,4}";

    /** A part of what RFC 3339, 1123, 4122, 2673, 4291, 5321 and 3986 allow: always valid. */
    private static final Map<String, String> PATTERNS =
            Map.of(
                    "date", DATE,
                    "time", TIME,
                    "date-time", DATE + "T" + TIME,
                    "uuid", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
                    "ipv4", BYTE + "(\\." + BYTE + "){3}",
                    "ipv6",
                            "("
                                    + GROUP
                                    + "(:"
                                    + GROUP
                                    + "){7}|::1|::|("
                                    + GROUP
                                    + ":){1,6}:"
                                    + GROUP
                                    + ")",
                    "hostname", LABEL + "(\\." + LABEL + "){0,3}",
                    "email", ATOM + "(\\." + ATOM + ")?@" + LABEL + "(\\." + LABEL + "){1,3}",
                    "uri",
                            "[a-z][a-z0-9+.-]{0,20}://"
                                    + LABEL
                                    + "(\\."
                                    + LABEL
                                    + "){0,3}(:[0-9]{1,4})?(/[A-Za-z0-9_.~-]*)*",
                    "duration",
                            "P([0-9]+W|[0-9]+D(T[0-9]+S)?|T[0-9]+H([0-9]+M([0-9]+S)?)?|T[0-9]+[MS])");

    private StringFormat() {}

    /** The pattern of a format, or null. */
    static String pattern(String format) {
        return PATTERNS.get(format);
    }
}
