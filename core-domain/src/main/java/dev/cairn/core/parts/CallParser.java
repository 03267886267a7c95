package dev.cairn.core.parts;

import java.util.Set;

/**
 * Finds tool calls in text while it comes. Where the text is cut makes no difference to what is
 * found.
 *
 * <p>A call that begins exactly as its format has it is held to the format, so its arguments are
 * told as they come. Anything else that looks like a call is told once it is complete and well
 * formed; until then it may still turn out to be text.
 *
 * <p>Threads: one at a time.
 */
final class CallParser {

    private final CallSpelling spelling;
    private final Set<String> functions;
    private final Set<String> begins;
    private final Pieces out;
    private final StringBuilder pending = new StringBuilder();

    private State state = State.START;
    private int callAt;
    private ValueScan arguments = new ValueScan();

    private enum State {
        /** Nothing was seen. */
        START,
        /** Text, in which a marker is sought where the spelling has one. */
        TEXT,
        /** Behind the marker of a list. */
        LIST,
        /** A call's name is sought. */
        CALL,
        ARGUMENTS,
        /** Behind arguments, within the call's object. */
        REST_OF_OBJECT,
        /** Behind a call's object. */
        BEHIND
    }

    /**
     * @param functions names of the tools; the only one for {@link CallSpelling#BARE}
     * @param begins texts before arguments with which formats begin; empty if nothing holds the
     *     answer to a format
     */
    CallParser(CallSpelling spelling, Set<String> functions, Set<String> begins, Pieces out) {
        this.spelling = spelling;
        this.functions = functions;
        this.begins = begins;
        this.out = out;
    }

    void feed(CharSequence text) {
        pending.append(text);
        while (step()) {
            // Each step looks at another part of what is pending.
        }
    }

    /** No more text will come. */
    void finish() {
        switch (state) {
            case START, LIST, CALL -> out.text(pending);
            case TEXT -> {
                if (out.calls() == 0 || !pending.toString().isBlank()) {
                    out.text(pending);
                }
            }
            case ARGUMENTS, REST_OF_OBJECT, BEHIND -> {}
        }
        pending.setLength(0);
    }

    /** Whether there is more to look at. */
    private boolean step() {
        return switch (state) {
            case START -> start();
            case TEXT -> text();
            case LIST -> list();
            case CALL -> call();
            case ARGUMENTS -> arguments();
            case REST_OF_OBJECT -> restOfObject();
            case BEHIND -> behind();
        };
    }

    private boolean start() {
        return switch (spelling) {
            case HERMES, MISTRAL_LIST, MISTRAL_NAMED -> to(State.TEXT);
            case LLAMA3 -> {
                int tag = JsonScan.expect(pending, 0, CallSpelling.PYTHON_TAG);
                yield JsonScan.expect(pending, 0, '{') == 1 ? callAt(0) : callBehind(tag);
            }
            case LIST -> callBehind(JsonScan.expect(pending, 0, '['));
            case BARE -> bare();
        };
    }

    private boolean bare() {
        int brace = JsonScan.expect(pending, JsonScan.skipSpace(pending, 0), '{');
        if (brace < 0) {
            return brace == JsonScan.BAD && to(State.TEXT);
        }
        pending.delete(0, brace - 1);
        return begin(functions.iterator().next());
    }

    private boolean text() {
        String marker = spelling.marker().orElse("");
        int found = marker.isEmpty() ? -1 : pending.indexOf(marker);
        if (found >= 0) {
            tellText(withoutSpace(found));
            pending.delete(0, pending.indexOf(marker));
            return spelling == CallSpelling.MISTRAL_LIST ? to(State.LIST) : callAt(0);
        }
        // Space before a call is no part of the text, and neither is a marker's beginning.
        boolean mayCall = !marker.isEmpty() || out.calls() > 0;
        tellText(
                mayCall
                        ? withoutSpace(pending.length() - JsonScan.heldAtEnd(pending, marker))
                        : pending.length());
        return false;
    }

    private int withoutSpace(int length) {
        int end = length;
        while (end > 0 && JsonScan.isSpace(pending.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private void tellText(int length) {
        out.text(pending.subSequence(0, length));
        pending.delete(0, length);
    }

    private boolean list() {
        int marker = spelling.marker().orElseThrow().length();
        int open = JsonScan.expect(pending, JsonScan.skipSpace(pending, marker), '[');
        return open == JsonScan.BAD ? noCall() : callBehind(open);
    }

    private boolean call() {
        CallHeader header = header();
        if (header.problem() == JsonScan.MORE) {
            return false;
        }
        if (header.problem() == JsonScan.BAD || !functions.contains(header.function())) {
            return noCall();
        }
        boolean isHeld = begins.contains(pending.substring(callAt, header.from()));
        int complete = isHeld ? 0 : complete(header);
        if (complete < 0) {
            return complete == JsonScan.BAD && noCall();
        }
        if (header.to() < 0) {
            pending.delete(0, header.from());
            return begin(header.function());
        }
        out.begin(header.function());
        out.arguments(pending.substring(header.from(), header.to()));
        pending.delete(0, header.end());
        return to(State.BEHIND);
    }

    private CallHeader header() {
        int marker = spelling.marker().map(String::length).orElse(0);
        return switch (spelling) {
            case HERMES -> CallHeader.ofObject(pending, marker);
            case MISTRAL_NAMED -> CallHeader.ofName(pending, marker);
            case LLAMA3, LIST, MISTRAL_LIST, BARE -> CallHeader.ofObject(pending, callAt);
        };
    }

    /** Whether all of a call is there, so that nothing behind its header can be amiss. */
    private int complete(CallHeader header) {
        int to = header.to() < 0 ? JsonScan.skipValue(pending, header.from()) : header.to();
        if (to < 0) {
            return to;
        }
        if (!CallHeader.areArguments(pending.substring(header.from(), to))) {
            return JsonScan.BAD;
        }
        if (header.end() >= 0 || spelling == CallSpelling.MISTRAL_NAMED) {
            return to;
        }
        int end = CallHeader.endOfObject(pending, to);
        return end < 0 || spelling != CallSpelling.HERMES
                ? end
                : JsonScan.expect(
                        pending, JsonScan.skipSpace(pending, end), CallSpelling.HERMES_END);
    }

    private boolean begin(String function) {
        out.begin(function);
        arguments = new ValueScan();
        return to(State.ARGUMENTS);
    }

    private boolean arguments() {
        for (int i = 0; i < pending.length(); i++) {
            ValueScan.Place place = arguments.take(pending.charAt(i));
            if (place != ValueScan.Place.INSIDE) {
                int end = place == ValueScan.Place.LAST ? i + 1 : i;
                tellArguments(end);
                return switch (spelling) {
                    case HERMES, LLAMA3, LIST, MISTRAL_LIST -> to(State.REST_OF_OBJECT);
                    case MISTRAL_NAMED, BARE -> to(State.TEXT);
                };
            }
        }
        tellArguments(pending.length());
        return false;
    }

    private void tellArguments(int length) {
        out.arguments(pending.substring(0, length));
        pending.delete(0, length);
    }

    private boolean restOfObject() {
        int end = CallHeader.endOfObject(pending, 0);
        if (end < 0) {
            return end == JsonScan.BAD && to(State.TEXT);
        }
        pending.delete(0, end);
        return to(State.BEHIND);
    }

    private boolean behind() {
        int at = JsonScan.skipSpace(pending, 0);
        return switch (spelling) {
            case HERMES -> {
                int end = JsonScan.expect(pending, at, CallSpelling.HERMES_END);
                yield end != JsonScan.MORE && textFrom(Math.max(0, end));
            }
            case LLAMA3 -> {
                int next = JsonScan.expect(pending, at, ';');
                int open = next < 0 ? next : JsonScan.skipSpace(pending, next);
                yield next >= 0
                        ? open < pending.length() && callBehind(open)
                        : next == JsonScan.BAD && to(State.TEXT);
            }
            case LIST, MISTRAL_LIST -> {
                int next = JsonScan.expect(pending, at, ',');
                int end = JsonScan.expect(pending, at, ']');
                yield next == JsonScan.BAD ? textFrom(Math.max(0, end)) : callBehind(next);
            }
            case MISTRAL_NAMED, BARE -> to(State.TEXT);
        };
    }

    private boolean textFrom(int at) {
        pending.delete(0, at);
        return to(State.TEXT);
    }

    /** What began like a call is text; another call may follow its marker. */
    private boolean noCall() {
        String marker = spelling.marker().orElse("");
        if (!marker.isEmpty() && pending.indexOf(marker) == 0) {
            tellText(marker.length());
        }
        return to(State.TEXT);
    }

    /** Goes on with the call behind what was just expected, if it was there. */
    private boolean callBehind(int at) {
        return switch (at) {
            case JsonScan.MORE -> false;
            case JsonScan.BAD -> to(State.TEXT);
            default -> callAt(at);
        };
    }

    private boolean callAt(int at) {
        callAt = at;
        return to(State.CALL);
    }

    private boolean to(State next) {
        state = next;
        return true;
    }
}
