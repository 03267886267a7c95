package dev.cairn.core.parts;

import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;

/**
 * What a call says before its arguments, found in text that may still be coming.
 *
 * @param problem 0, or {@link JsonScan#MORE} or {@link JsonScan#BAD}; then nothing else counts
 * @param from where the arguments begin
 * @param to where they end, if the name came behind them and all of the call is known; else -1
 * @param end behind the call's object, if all of the call is known; else -1
 */
record CallHeader(int problem, String function, int from, int to, int end) {

    private static final CallHeader MORE = new CallHeader(JsonScan.MORE, "", 0, -1, -1);
    private static final CallHeader BAD = new CallHeader(JsonScan.BAD, "", 0, -1, -1);

    /** Longer names are no tool's. */
    private static final int LONGEST_NAME = 128;

    /** Of {@code {"name": ..., "arguments": ...}}, whose members may come in any order. */
    static CallHeader ofObject(CharSequence text, int from) {
        int at = JsonScan.expect(text, JsonScan.skipSpace(text, from), '{');
        String function = null;
        int argumentsFrom = -1;
        int argumentsTo = -1;
        while (at >= 0) {
            at = JsonScan.skipSpace(text, at);
            if (at < text.length() && text.charAt(at) == '}') {
                return function == null || argumentsFrom < 0
                        ? BAD
                        : new CallHeader(0, function, argumentsFrom, argumentsTo, at + 1);
            }
            int keyEnd = JsonScan.skipString(text, at);
            int value = valueBehind(text, keyEnd);
            if (value < 0) {
                return problem(value);
            }
            String key = text.subSequence(at + 1, keyEnd - 1).toString();
            boolean isArguments = key.equals("arguments") || key.equals("parameters");
            if (isArguments && function != null) {
                return new CallHeader(0, function, value, -1, -1);
            }
            int valueEnd = JsonScan.skipValue(text, value);
            if (valueEnd >= 0 && key.equals("name")) {
                function = string(text.subSequence(value, valueEnd).toString());
            } else if (valueEnd >= 0 && isArguments) {
                argumentsFrom = value;
                argumentsTo = valueEnd;
            }
            at = behindMember(text, valueEnd);
        }
        return problem(at);
    }

    /** Of {@code name[ARGS]}, with Mistral's {@code [CALL_ID]} between them or without. */
    static CallHeader ofName(CharSequence text, int from) {
        String rest = text.subSequence(from, text.length()).toString();
        int arguments = rest.indexOf(CallSpelling.ARGUMENTS);
        if (arguments < 0) {
            return rest.length() > LONGEST_NAME ? BAD : MORE;
        }
        int id = rest.indexOf(CallSpelling.CALL_ID);
        String name = rest.substring(0, id >= 0 && id < arguments ? id : arguments).strip();
        int value = JsonScan.skipSpace(text, from + arguments + CallSpelling.ARGUMENTS.length());
        return value == text.length() ? MORE : new CallHeader(0, name, value, -1, -1);
    }

    /**
     * Where a call's object ends whose arguments have ended.
     *
     * @return the index behind it, or {@link JsonScan#MORE}, or {@link JsonScan#BAD}
     */
    static int endOfObject(CharSequence text, int from) {
        int at = behindMember(text, from);
        while (at >= 0 && (at >= text.length() || text.charAt(at) != '}')) {
            at = JsonScan.skipSpace(text, at);
            int value = valueBehind(text, JsonScan.skipString(text, at));
            at = value < 0 ? value : behindMember(text, JsonScan.skipValue(text, value));
        }
        return at < 0 ? at : at + 1;
    }

    /** Whether arguments are what a client can read. */
    static boolean areArguments(String text) {
        try {
            return JsonReader.readLastWins(text) instanceof JsonObject;
        } catch (JsonException malformed) {
            return false;
        }
    }

    /** Behind a member's comma, or at the brace that ends the object. */
    private static int behindMember(CharSequence text, int valueEnd) {
        if (valueEnd < 0) {
            return valueEnd;
        }
        int at = JsonScan.skipSpace(text, valueEnd);
        if (at == text.length()) {
            return JsonScan.MORE;
        }
        return switch (text.charAt(at)) {
            case ',' -> at + 1;
            case '}' -> at;
            default -> JsonScan.BAD;
        };
    }

    private static int valueBehind(CharSequence text, int keyEnd) {
        if (keyEnd < 0) {
            return keyEnd;
        }
        int colon = JsonScan.expect(text, JsonScan.skipSpace(text, keyEnd), ':');
        if (colon < 0) {
            return colon;
        }
        int value = JsonScan.skipSpace(text, colon);
        return value == text.length() ? JsonScan.MORE : value;
    }

    private static String string(String literal) {
        try {
            return JsonReader.read(literal) instanceof JsonString(String text) ? text : "";
        } catch (JsonException malformed) {
            return "";
        }
    }

    private static CallHeader problem(int at) {
        return at == JsonScan.MORE ? MORE : BAD;
    }
}
