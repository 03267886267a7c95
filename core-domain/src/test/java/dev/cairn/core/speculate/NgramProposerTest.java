package dev.cairn.core.speculate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class NgramProposerTest {

    private static int[] guesses(NgramProposer proposer, int most, int... text) {
        int[] tokens = Arrays.copyOf(text, text.length + most);
        int count = proposer.propose(tokens, text.length, most);
        return Arrays.copyOfRange(tokens, text.length, text.length + count);
    }

    @Test
    void goesOnAsTheTextDidWhereItsEndStoodBefore() {
        assertThat(guesses(new NgramProposer(2, 8), 3, 1, 2, 3, 4, 5, 1, 2))
                .containsExactly(3, 4, 5);
    }

    @Test
    void theLongestAgreementCountsAndOfEqualsTheLastPlace() {
        assertThat(guesses(new NgramProposer(1, 8), 1, 7, 1, 2, 30, 9, 1, 2, 40, 7, 1, 2))
                .containsExactly(30);
        assertThat(guesses(new NgramProposer(2, 2), 1, 7, 1, 2, 30, 9, 1, 2, 40, 7, 1, 2))
                .containsExactly(40);
    }

    @Test
    void whatRepeatsItselfIsGuessedBeyondTheEndOfTheText() {
        assertThat(guesses(new NgramProposer(2, 8), 7, 1, 2, 3, 1, 2))
                .containsExactly(3, 1, 2, 3, 1, 2, 3);
    }

    @Test
    void nothingIsGuessedOfWhatNeverStoodThere() {
        assertThat(guesses(new NgramProposer(2, 8), 4, 1, 2, 3, 4, 1)).isEmpty();
        assertThat(guesses(new NgramProposer(3, 8), 4, 1, 2)).isEmpty();
        assertThat(guesses(new NgramProposer(1, 8), 0, 1, 1)).isEmpty();
    }

    @Test
    void lengthsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> new NgramProposer(0, 3)).hasMessageContaining("0 to 3 tokens");
        assertThatThrownBy(() -> new NgramProposer(4, 3)).hasMessageContaining("4 to 3 tokens");
    }

    /** A text that grows token by token or by many, against a search through all of it. */
    @RepeatedTest(60)
    void guessesWhatASearchThroughTheWholeTextFinds(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int shortest = 1 + random.nextInt(4);
        int longest = shortest + random.nextInt(6);
        // Few places have the same last tokens, so that all of them are looked at.
        int ids = 40 + random.nextInt(60);
        NgramProposer proposer = new NgramProposer(Math.max(2, shortest), longest + 1);
        int[] text = random.ints(700, 0, ids).toArray();
        for (int copied = 0; copied < 20; copied++) {
            int length = 3 + random.nextInt(20);
            int from = random.nextInt(600);
            System.arraycopy(text, from, text, random.nextInt(600), length);
        }
        for (int length = 1; length < 680; length += 1 + random.nextInt(3)) {
            int place = placeBySearch(text, length, Math.max(2, shortest), longest + 1);
            int[] guessed = guesses(proposer, 5, Arrays.copyOf(text, length));
            if (place < 0) {
                assertThat(guessed).isEmpty();
            } else {
                assertThat(guessed)
                        .as("seed %d", repetition.getCurrentRepetition())
                        .isEqualTo(repeated(text, place, length));
            }
        }
    }

    private static int placeBySearch(int[] text, int length, int shortest, int longest) {
        int best = -1;
        int agreed = shortest - 1;
        for (int place = length - 1; place >= shortest; place--) {
            int agrees = 0;
            while (agrees < Math.min(longest, place)
                    && text[place - 1 - agrees] == text[length - 1 - agrees]) {
                agrees++;
            }
            if (agrees > agreed) {
                best = place;
                agreed = agrees;
            }
        }
        return best;
    }

    private static int[] repeated(int[] text, int place, int length) {
        int[] guesses = new int[5];
        for (int i = 0; i < guesses.length; i++) {
            int at = place + i;
            guesses[i] = at < length ? text[at] : guesses[at - length];
        }
        return guesses;
    }
}
