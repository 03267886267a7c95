package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.Prompt;
import dev.cairn.serving.BundledModel.Case;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The bundled model is a detector: one wrong block of keys and values, and what lay in it is no
 * longer recalled.
 */
class CorruptedBlockIT {

    private static final int LONGEST_ANSWER = 24;

    @Test
    void oneCorruptedBlockIsNoticed() {
        List<Case> cases = BundledModel.cases("recall");
        assertThat(cases).hasSizeGreaterThanOrEqualTo(30);
        int clean = 0;
        int corrupted = 0;
        int elsewhere = 0;
        try (var vandal = new Vandal();
                LocalCairn cairn =
                        LocalCairn.open(
                                BundledModel.model(),
                                LocalCairn.usual(5120, 64L << 20),
                                vandal::around)) {
            for (Case recall : cases) {
                int[] prompt = ids(cairn, recall.prompt());
                int key = firstDigit(cairn, prompt, recall.key());
                clean += right(cairn, recall) ? 1 : 0;
                vandal.corrupt(prompt.length, key);
                corrupted += right(cairn, recall) ? 1 : 0;
                vandal.corrupt(prompt.length, (key + prompt.length / 2) % (prompt.length - 64));
                elsewhere += right(cairn, recall) ? 1 : 0;
                vandal.rest();
            }
            assertThat(vandal.corruptions()).isEqualTo(2 * cases.size());
        }
        System.out.printf(
                "recalled of %d: %d untouched, %d with the key's block corrupted, %d with another one%n",
                cases.size(), clean, corrupted, elsewhere);
        assertThat(clean / (double) cases.size()).isGreaterThanOrEqualTo(0.97);
        assertThat(corrupted / (double) cases.size()).isLessThan(0.5);
        assertThat(elsewhere).as("it is the key's block that matters").isGreaterThan(2 * corrupted);
    }

    private static boolean right(LocalCairn cairn, Case recall) {
        String text =
                Collected.start(cairn.inference(), Calls.answer(recall.prompt(), LONGEST_ANSWER))
                        .join()
                        .text();
        return text.strip().equals(recall.answer().strip());
    }

    private static int[] ids(LocalCairn cairn, Prompt prompt) {
        return cairn.inference().tokenize(LocalCairn.MODEL, prompt).ids();
    }

    /** Where the key stands in the prompt: digits are single tokens. */
    private static int firstDigit(LocalCairn cairn, int[] prompt, String key) {
        for (int at = 0; at + key.length() <= prompt.length; at++) {
            int[] window = Arrays.copyOfRange(prompt, at, at + key.length());
            if (cairn.inference().detokenize(LocalCairn.MODEL, window).strip().equals(key)) {
                return at;
            }
        }
        throw new AssertionError("the prompt does not hold " + key);
    }
}
