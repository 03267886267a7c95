package dev.cairn.distribution.bench.prompt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;

/** Writes texts and prompts of wanted lengths in tokens. One thread. */
public final class PromptWriter {

    /** Corrections of one text; one or two are enough where a tokenizer splits at blanks. */
    private static final int MOST_CORRECTIONS = 16;

    private final Api api;
    private final TokenCounter counter;
    private final Words words;

    /** Tokens that a prompt has around a last message, by the messages before it. */
    private final Map<List<Message>, Integer> measured = new HashMap<>();

    public PromptWriter(Api api, TokenCounter counter) {
        this.api = api;
        this.counter = counter;
        this.words = new Words(counter);
    }

    public boolean exact() {
        return counter.exact();
    }

    /** A text of that many tokens. */
    String text(Random random, int tokens) {
        return fit("", 0, random, tokens, counter::text).text();
    }

    /** As {@link #text}, to be put behind other words, by the words' own costs: unchecked. */
    String continuation(Random random, int tokens) {
        return String.join("", words.draw(random, tokens));
    }

    /**
     * A conversation whose last message makes the whole prompt that long.
     *
     * @param before messages that come first
     * @param opening how the last message begins
     * @param tokens of the prompt as the server sees it, what a template adds included
     */
    Written prompt(List<Message> before, String opening, Random random, int tokens) {
        ToIntFunction<String> measure =
                text -> counter.prompt(api, with(before, Message.user(text)));
        // A template without any text would show less than it adds to one.
        int around =
                opening.isEmpty()
                        ? measured.computeIfAbsent(
                                before, _ -> measure.applyAsInt(words.filler().strip()) - 1)
                        : measure.applyAsInt(opening);
        Fitted fitted = fit(opening, around, random, tokens, measure);
        return new Written(with(before, Message.user(fitted.text())), fitted.tokens());
    }

    /**
     * Adds words to an opening until the measure says what is wanted, or comes no nearer.
     *
     * @param known tokens that there are before any word
     */
    private Fitted fit(
            String opening, int known, Random random, int tokens, ToIntFunction<String> measure) {
        List<String> drawn = words.draw(random, tokens - known);
        if (opening.isEmpty() && drawn.isEmpty()) {
            drawn.add(words.filler());
        }
        int least = opening.isEmpty() ? 1 : 0;
        int now = measure.applyAsInt(joined(opening, drawn));
        for (int i = 0; i < MOST_CORRECTIONS && now != tokens; i++) {
            int missing = tokens - now;
            if (missing < 0 && drawn.size() == least) {
                break;
            }
            while (missing < 0 && drawn.size() > least) {
                missing += words.cost(drawn.removeLast());
            }
            drawn.addAll(Collections.nCopies(Math.max(0, missing), words.filler()));
            now = measure.applyAsInt(joined(opening, drawn));
        }
        return new Fitted(joined(opening, drawn), now);
    }

    private static String joined(String opening, List<String> drawn) {
        return (opening + String.join("", drawn)).strip();
    }

    private static List<Message> with(List<Message> before, Message last) {
        List<Message> all = new ArrayList<>(before);
        all.add(last);
        return all;
    }

    private record Fitted(String text, int tokens) {}

    /**
     * A prompt.
     *
     * @param tokens it has by the counter
     */
    record Written(List<Message> messages, int tokens) {}
}
