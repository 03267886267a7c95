package dev.cairn.core.text;

import dev.cairn.ports.model.TextCodec;
import java.util.Optional;
import java.util.Set;

/**
 * The text of one choice while its tokens arrive: whole characters only, and nothing of a stop
 * string.
 *
 * <p>Text that may yet turn out to begin a stop string is held back until it is clear. The stop
 * string that ends first wins, and of those that end together the longest: so the outcome does not
 * depend on how the text was cut into tokens.
 *
 * <p>Threads: one at a time.
 */
public final class AnswerText {

    private final Detokenizer detokenizer;
    private final StopStrings.Matcher matcher;
    private final boolean includeStopString;
    private final int minTokens;
    private final StringBuilder pending = new StringBuilder();

    private boolean dropLeadingSpace;
    private int tokens;
    private int seen;
    private String matched;

    /**
     * @param skipSpecialTokens whether special tokens are left out of the text
     * @param includeStopString whether the matched string stays in the text
     * @param minTokens stop strings that end within the first so many tokens do not count
     * @param startsText whether the answer begins a text of its own, so that the tokenizer's
     *     leading space is dropped; false where it continues the prompt's text
     */
    public AnswerText(
            TextCodec codec,
            StopStrings stops,
            boolean skipSpecialTokens,
            boolean includeStopString,
            int minTokens,
            boolean startsText) {
        this(codec, stops, skipSpecialTokens, Set.of(), includeStopString, minTokens, startsText);
    }

    /**
     * As the other, and for who takes the text apart.
     *
     * @param marks special tokens that are part of the text in any case
     */
    public AnswerText(
            TextCodec codec,
            StopStrings stops,
            boolean skipSpecialTokens,
            Set<Integer> marks,
            boolean includeStopString,
            int minTokens,
            boolean startsText) {
        this.detokenizer = new Detokenizer(codec, skipSpecialTokens, marks);
        this.matcher = stops.matcher();
        this.includeStopString = includeStopString;
        this.minTokens = minTokens;
        this.dropLeadingSpace = startsText && codec.stripsLeadingSpace();
    }

    /**
     * Takes the next token.
     *
     * @return whether a stop string is complete; then no more tokens are taken
     */
    public boolean append(int id) {
        if (matched != null) {
            throw new IllegalStateException("the text ended with \"" + matched + "\"");
        }
        tokens++;
        detokenizer.append(id, pending);
        for (; seen < pending.length(); seen++) {
            String found = matcher.advance(pending.charAt(seen));
            if (found != null && tokens > minTokens) {
                int end = seen + 1;
                pending.setLength(includeStopString ? end : end - found.length());
                matched = found;
                return true;
            }
        }
        return false;
    }

    /** The stop string that ended the text. */
    public Optional<String> matched() {
        return Optional.ofNullable(matched);
    }

    /** The text that became certain since the last call; empty if none. */
    public String take() {
        return shown(matched == null ? seen - matcher.held() : pending.length());
    }

    /** The rest of the text: no more tokens will come. */
    public String finish() {
        if (matched == null) {
            detokenizer.finish(pending);
        }
        return shown(pending.length());
    }

    private String shown(int length) {
        if (length == 0) {
            return "";
        }
        int from = dropLeadingSpace && pending.charAt(0) == ' ' ? 1 : 0;
        dropLeadingSpace = false;
        String text = pending.substring(from, length);
        pending.delete(0, length);
        seen = Math.max(0, seen - length);
        return text;
    }
}
