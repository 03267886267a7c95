package dev.cairn.distribution.bench.prompt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Words with what each adds to a text in tokens, measured once. Tokenizers split at blanks first,
 * so that the costs add up, nearly always; {@link PromptWriter} checks.
 */
final class Words {

    private static final String FRAME = "the sea";

    /** Common words, one token each in large vocabularies. */
    private static final List<String> LIST =
            List.of(
                    ("the of and to in is that for it as was with be by on not he his but at are this"
                                    + " have from or had an they which one you were all her she there would"
                                    + " their we him been has when who will no more if out so up said what"
                                    + " its about than into them can only other time new some could these"
                                    + " two may first then do any like my now over such our man me even"
                                    + " most made after also did many off before must well back through"
                                    + " years where much your way down should because long each just state"
                                    + " people those too little good make world still see own work men day"
                                    + " get here old life both between being under three never know same"
                                    + " last another while us great stone river light water house road"
                                    + " night hand small green wind rain hill tree sand salt boat lamp")
                            .split(" "));

    /** Tried in this order for what adds exactly one token, as often as it stands. */
    private static final List<String> FILLERS = List.of(" a", " the", " to", " 1", ",", ".", "x");

    private final Map<String, Integer> costs = new HashMap<>();
    private final String filler;

    Words(TokenCounter counter) {
        int frame = counter.text(FRAME);
        for (String word : LIST) {
            int cost = counter.text(FRAME + " " + word) - frame;
            if (cost > 0) {
                costs.put(" " + word, cost);
            }
        }
        filler =
                FILLERS.stream()
                        .filter(each -> counter.text(FRAME + each.repeat(8)) - frame == 8)
                        .findFirst()
                        .orElse(" a");
    }

    String filler() {
        return filler;
    }

    int cost(String word) {
        return costs.getOrDefault(word, 1);
    }

    /** Words, each with the blank before it, that together cost {@code tokens}. */
    List<String> draw(Random random, int tokens) {
        List<String> drawn = new ArrayList<>(Math.max(0, tokens));
        int left = tokens;
        while (left > 0) {
            String word = " " + LIST.get(random.nextInt(LIST.size()));
            Integer cost = costs.get(word);
            String taken = cost != null && cost <= left ? word : filler;
            drawn.add(taken);
            left -= cost(taken);
        }
        return drawn;
    }
}
