package dev.cairn.core.parts;

/**
 * Tells thoughts from speech in text while it comes. Space around thoughts belongs to neither.
 * Where the text is cut makes no difference. One thread.
 */
final class Thoughts {

    private final Pieces out;
    private final CallParser calls;
    private final StringBuilder pending = new StringBuilder();

    private State state;
    private boolean begun;

    /** Where the text is. */
    enum State {
        /** Thoughts may be opened. */
        UNSURE,
        /** Thoughts have begun, and their opening may still be repeated. */
        OPENED,
        THINKING,
        /** Behind thoughts, before speech. */
        CLOSED,
        SPEAKING
    }

    /**
     * @param calls what speech is handed to; null if it has no calls
     */
    Thoughts(State begin, CallParser calls, Pieces out) {
        this.state = begin;
        this.calls = calls;
        this.out = out;
    }

    /** Whether what comes next is thought. */
    boolean isThinking() {
        return state == State.OPENED || state == State.THINKING;
    }

    void feed(String text) {
        if (state == State.SPEAKING) {
            speak(text);
            return;
        }
        pending.append(text);
        while (step()) {
            // Each step looks at another part of what is pending.
        }
    }

    /** No more text will come. */
    void finish() {
        if (isThinking()) {
            out.thoughts(pending.subSequence(0, withoutSpace(pending.length())));
        } else if (state == State.UNSURE) {
            speak(pending.toString());
        }
        pending.setLength(0);
        if (calls != null) {
            calls.finish();
        }
    }

    private boolean step() {
        return switch (state) {
            case UNSURE, OPENED -> open();
            case THINKING -> think();
            case CLOSED -> close();
            case SPEAKING -> false;
        };
    }

    private boolean open() {
        int at = JsonScan.skipSpace(pending, 0);
        int behind = JsonScan.expect(pending, at, ThoughtStyle.OPEN);
        if (behind == JsonScan.MORE) {
            return false;
        }
        if (behind == JsonScan.BAD && state == State.UNSURE) {
            state = State.SPEAKING;
            speak(pending.toString());
            pending.setLength(0);
            return false;
        }
        pending.delete(0, Math.max(0, behind));
        state = State.THINKING;
        return true;
    }

    private boolean think() {
        if (!begun) {
            pending.delete(0, JsonScan.skipSpace(pending, 0));
            begun = !pending.isEmpty();
        }
        int close = pending.indexOf(ThoughtStyle.CLOSE);
        int length =
                close >= 0
                        ? close
                        : pending.length() - JsonScan.heldAtEnd(pending, ThoughtStyle.CLOSE);
        int shown = withoutSpace(length);
        out.thoughts(pending.subSequence(0, shown));
        pending.delete(0, close >= 0 ? close + ThoughtStyle.CLOSE.length() : shown);
        if (close >= 0) {
            state = State.CLOSED;
        }
        return close >= 0;
    }

    private boolean close() {
        int at = JsonScan.skipSpace(pending, 0);
        if (at < pending.length()) {
            state = State.SPEAKING;
            speak(pending.substring(at));
            pending.setLength(0);
        }
        return false;
    }

    private int withoutSpace(int length) {
        int end = length;
        while (end > 0 && JsonScan.isSpace(pending.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private void speak(String text) {
        if (calls == null) {
            out.text(text);
        } else {
            calls.feed(text);
        }
    }
}
