package dev.cairn.core.schedule;

import dev.cairn.core.speculate.Proposer;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.ports.request.GeneratedToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Guesses answers that it was told of, and gets a part of the tokens wrong. */
final class Oracle implements Proposer.Source {

    private final List<int[]> texts = new ArrayList<>();
    private final Random random;
    private final double wrong;

    /**
     * @param wrong part of the guesses that do not hold
     */
    Oracle(Random random, double wrong) {
        this.random = random;
        this.wrong = wrong;
    }

    /** Guesses of any number, by anyone who knows some of the answers or none. */
    static SpeculationSettings any(Random random, List<Heard> answers) {
        Oracle oracle = new Oracle(new Random(random.nextLong()), random.nextDouble() / 2);
        answers.forEach(oracle::learn);
        return switch (random.nextInt(4)) {
            case 0 -> SpeculationSettings.ngram(1, 4, 1 + random.nextInt(8));
            default -> oracle.settings(1 + random.nextInt(8));
        };
    }

    SpeculationSettings settings(int mostTokens) {
        return new SpeculationSettings(this, mostTokens);
    }

    void learn(Heard heard) {
        int[] prompt = heard.request().prompt();
        for (int choice = 0; choice < heard.request().choices(); choice++) {
            int[] answer = heard.tokens(choice).stream().mapToInt(GeneratedToken::id).toArray();
            int[] text = Arrays.copyOf(prompt, prompt.length + answer.length);
            System.arraycopy(answer, 0, text, prompt.length, answer.length);
            texts.add(text);
        }
    }

    @Override
    public Proposer begin() {
        return this::propose;
    }

    private int propose(int[] tokens, int length, int most) {
        for (int[] text : texts) {
            boolean begins =
                    text.length > length && Arrays.equals(text, 0, length, tokens, 0, length);
            if (begins) {
                int count = Math.min(most, 1 + random.nextInt(text.length - length));
                for (int i = 0; i < count; i++) {
                    boolean holds = random.nextDouble() >= wrong;
                    tokens[length + i] = holds ? text[length + i] : random.nextInt(300);
                }
                return count;
            }
        }
        return 0;
    }
}
