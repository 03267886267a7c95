package dev.cairn.core.grammar;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Values of JSON Schema's {@code format} that are held, each as a regular expression. Values that
 * no specification knows assert nothing, as the specification asks.
 */
final class StringFormat {

    private static final Set<String> UNHELD =
            Set.of("idn-hostname", "idn-email", "regex", "iri", "iri-reference");

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
            "(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?"
                    + "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
                    + "|23:59:60(\\.[0-9]+)?([Zz]|[+-]00:00))";
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String IPV4 = BYTE + "(\\." + BYTE + "){3}";
    private static final String HOST = hosts(63, 3) + "|" + hosts(62, 4) + "|" + hosts(15, 15);
    private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
    private static final String GROUP = "[0-9A-Fa-f]{1,4}";
    private static final String IPV6 = ipv6();

    private static final String HEX = "%[0-9A-Fa-f]{2}";
    private static final String PCHAR = "([A-Za-z0-9._~!$&'()*+,;=:@-]|" + HEX + ")";
    private static final String AUTHORITY =
            "(([A-Za-z0-9._~!$&'()*+,;=:-]|"
                    + HEX
                    + ")*@)?(\\[("
                    + IPV6
                    + "|[Vv][0-9A-Fa-f]+\\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\\]"
                    + "|([A-Za-z0-9._~!$&'()*+,;=-]|"
                    + HEX
                    + ")*)(:[0-9]*)?";
    private static final String TAIL = "(\\?(" + PCHAR + "|[/?])*)?(#(" + PCHAR + "|[/?])*)?";
    private static final String AFTER_SCHEME =
            "(//" + AUTHORITY + "(/" + PCHAR + "*)*|/(" + PCHAR + "+(/" + PCHAR + "*)*)?|" + PCHAR
                    + "+(/" + PCHAR + "*)*|)";
    private static final String URI = "[A-Za-z][A-Za-z0-9+.-]*:" + AFTER_SCHEME + TAIL;
    private static final String FIRST_SEGMENT =
            "([A-Za-z0-9._~!$&'()*+,;=@-]|" + HEX + ")+(/" + PCHAR + "*)*";
    private static final String RELATIVE =
            "(//"
                    + AUTHORITY
                    + "(/"
                    + PCHAR
                    + "*)*|/("
                    + PCHAR
                    + "+(/"
                    + PCHAR
                    + "*)*)?|"
                    + FIRST_SEGMENT
                    + "|)"
                    + TAIL;
    private static final String VARIABLE =
            "([A-Za-z0-9_]|" + HEX + ")(\\.?([A-Za-z0-9_]|" + HEX + "))*(:[1-9][0-9]{0,3}|\\*)?";
    private static final String POINTER = "(/([^~/]|~[01])*)*";

    /** RFC 3339, 1123, 4122, 2673, 4291, 5321, 3986, 6570 and 6901, or a part of them. */
    private static final Map<String, String> PATTERNS = patterns();

    private StringFormat() {}

    private static Map<String, String> patterns() {
        Map<String, String> patterns = new HashMap<>();
        patterns.put("date", DATE);
        patterns.put("time", TIME);
        patterns.put("date-time", DATE + "[Tt]" + TIME);
        patterns.put("uuid", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
        patterns.put("ipv4", IPV4);
        patterns.put("ip-address", IPV4);
        patterns.put("ipv6", IPV6);
        patterns.put("hostname", HOST);
        patterns.put("host-name", HOST);
        patterns.put("email", ATOM + "(\\." + ATOM + ")*@(" + HOST + ")");
        patterns.put("uri", URI);
        patterns.put("uri-reference", URI + "|" + RELATIVE);
        patterns.put(
                "uri-template",
                "([^\\x00-\\x20\\x7f\"%<>\\\\^`{|}]|"
                        + HEX
                        + "|\\{[+#./;?&=,!@|]?"
                        + VARIABLE
                        + "(,"
                        + VARIABLE
                        + ")*\\})*");
        patterns.put("json-pointer", POINTER);
        patterns.put("relative-json-pointer", "(0|[1-9][0-9]*)(#|" + POINTER + ")");
        patterns.put(
                "duration",
                "P([0-9]+W|("
                        + chain("YMD")
                        + ")(T("
                        + chain("HMS")
                        + "))?|T("
                        + chain("HMS")
                        + "))");
        return patterns;
    }

    /** Units in order without a gap. */
    private static String chain(String units) {
        var options = new StringBuilder();
        for (int from = 0; from < units.length(); from++) {
            var one = new StringBuilder();
            for (int at = units.length() - 1; at >= from; at--) {
                String unit = "[0-9]+" + units.charAt(at);
                String more = one.isEmpty() ? "" : "(" + one + ")?";
                one = new StringBuilder(unit + more);
            }
            options.append(from == 0 ? "" : "|").append(one);
        }
        return options.toString();
    }

    /**
     * Names of a few labels; two hyphens in the third and fourth place have a meaning of their own.
     */
    private static String hosts(int longest, int labels) {
        String a = "[A-Za-z0-9]";
        String x = "[A-Za-z0-9-]";
        String label =
                a
                        + "("
                        + a
                        + "|"
                        + x
                        + a
                        + "|"
                        + x
                        + x
                        + a
                        + "|"
                        + x
                        + "("
                        + a
                        + x
                        + "|-"
                        + a
                        + ")"
                        + x
                        + "{0,"
                        + (longest - 5)
                        + "}"
                        + a
                        + ")?";
        return label + "(\\." + label + "){0," + (labels - 1) + "}";
    }

    private static String ipv6() {
        var options = new StringBuilder("(" + GROUP + ":){7}" + GROUP);
        options.append("|(" + GROUP + ":){6}" + IPV4);
        for (int left = 0; left <= 7; left++) {
            String head =
                    left == 0 ? ":" : left == 1 ? GROUP + ":" : "(" + GROUP + ":){" + left + "}";
            int right = 7 - left;
            String tail = right == 0 ? "" : "(:" + GROUP + "){1," + right + "}";
            options.append("|" + head + (right == 0 ? ":" : "(" + tail + "|:)"));
            int groups = 5 - left;
            if (groups >= 0) {
                options.append(
                        "|"
                                + head
                                + (groups == 0 ? "" : "(:" + GROUP + "){0," + groups + "}")
                                + ":"
                                + IPV4);
            }
        }
        return options.toString();
    }

    /** Whether a format is in the specification, but not held. */
    static boolean isUnheld(String format) {
        return UNHELD.contains(format);
    }

    /** The pattern of a format, or null. */
    static String pattern(String format) {
        return PATTERNS.get(format);
    }
}
