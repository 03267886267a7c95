package dev.cairn.distribution.bench.prompt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/** Writes texts and prompts of wanted lengths in tokens. Threads: as its counter. */
public final class PromptWriter {

    /** Corrections of one text; one or two are enough where a tokenizer splits at blanks. */
    private static final int MOST_CORRECTIONS = 16;

    private final Api api;
    private final TokenCounter counter;
    private final Words words;

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
        return fit("", random, tokens, counter::text).strip();
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
                text -> counter.prompt(api, with(before, Message.user(text.strip())));
        String text = fit(opening, random, tokens, measure);
        return new Written(with(before, Message.user(text.strip())), measure.applyAsInt(text));
    }

    /** Adds words to an opening until the measure says what is wanted, or comes no nearer. */
    private String fit(String opening, Random random, int tokens, ToIntFunction<String> measure) {
        // A template without any text would show less than it adds to one.
        String least = opening.isEmpty() ? words.filler() : opening;
        List<String> drawn = words.draw(random, tokens - measure.applyAsInt(least));
        String start = opening.isEmpty() && drawn.isEmpty() ? least : opening;
        for (int i = 0; i < MOST_CORRECTIONS; i++) {
            int missing = tokens - measure.applyAsInt(start + String.join("", drawn));
            if (missing == 0 || (missing < 0 && drawn.isEmpty())) {
                break;
            }
            while (missing < 0 && !drawn.isEmpty()) {
                missing += words.cost(drawn.removeLast());
            }
            drawn.addAll(Collections.nCopies(Math.max(0, missing), words.filler()));
        }
        return start + String.join("", drawn);
    }

    private static List<Message> with(List<Message> before, Message last) {
        List<Message> all = new ArrayList<>(before);
        all.add(last);
        return all;
    }

    /**
     * A prompt.
     *
     * @param tokens it has by the counter
     */
    record Written(List<Message> messages, int tokens) {}
}
