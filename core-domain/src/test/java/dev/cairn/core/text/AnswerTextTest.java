package dev.cairn.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cairn.core.testing.ByteCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTextTest {

    @RepeatedTest(50)
    void whatIsShownInPiecesIsWhatTheCodecDecodesAsAWhole(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        ByteCodec codec =
                new ByteCodec(random.nextBoolean(), " a", " ", "漢", "🪨", "stone", "\u0301", "  x");
        boolean skipSpecial = random.nextBoolean();
        // Beyond the codec's vocabulary, too: a model's may be padded.
        int[] ids = random.ints(60, 0, codec.vocabularySize() + 3).toArray();
        AnswerText text = new AnswerText(codec, StopStrings.NONE, skipSpecial, false, 0, true);
        StringBuilder shown = new StringBuilder();
        for (int id : ids) {
            text.append(id);
            shown.append(text.take());
        }
        shown.append(text.finish());
        assertThat(shown.toString()).as("seed %d", seed).isEqualTo(codec.decode(ids, skipSpecial));
    }

    @Test
    void theFirstSpaceIsDroppedOnlyWhereTheAnswerIsATextOfItsOwn() {
        ByteCodec codec = new ByteCodec(true);
        int[] ids = ByteCodec.bytes("  two");
        assertThat(Shown.of(codec, StopStrings.NONE, 0, false, true, ids).text).isEqualTo(" two");
        assertThat(Shown.of(codec, StopStrings.NONE, 0, false, false, ids).text).isEqualTo("  two");
    }

    @RepeatedTest(300)
    void noPartOfAStopStringLeaksAndNothingElseIsLost(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        // Few letters, so that stop strings overlap themselves and each other.
        String text = letters(random, 40);
        List<String> stops = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            stops.add(letters(random, 1 + random.nextInt(5)));
        }
        boolean include = random.nextBoolean();
        List<String> tokens = cut(random, text);
        ByteCodec codec = new ByteCodec(false, tokens.toArray(String[]::new));
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = ByteCodec.FIRST_WORD + i;
        }
        Shown shown = Shown.of(codec, StopStrings.of(stops), 0, include, false, ids);
        Expected expected = Expected.of(text, stops, include);
        assertThat(shown.text)
                .as("seed %d: %s in %s, stops %s", seed, tokens, text, stops)
                .isEqualTo(expected.text);
        assertThat(shown.stop).as("seed %d", seed).isEqualTo(expected.stop);
    }

    @ParameterizedTest
    @ValueSource(strings = {"</s>", "\n\nUser:", "🪨", "aa"})
    void aStopStringIsFoundAtEverySplit(String stop) {
        String whole = "before " + stop + " after";
        int[] bytes = ByteCodec.bytes(whole);
        StopStrings stops = StopStrings.of(List.of(stop));
        Shown byByte = Shown.of(new ByteCodec(false), stops, 0, false, false, bytes);
        assertThat(byByte).isEqualTo(new Shown("before ", stop));
        for (int at = 1; at < stop.length(); at++) {
            if (Character.isLowSurrogate(stop.charAt(at))) {
                continue;
            }
            ByteCodec codec =
                    new ByteCodec(
                            false, "before " + stop.substring(0, at), stop.substring(at) + "!");
            int[] ids = {ByteCodec.FIRST_WORD, ByteCodec.FIRST_WORD + 1};
            Shown inTwo = Shown.of(codec, stops, 0, false, false, ids);
            assertThat(inTwo).isEqualTo(new Shown("before ", stop));
        }
    }

    @Test
    void onlyWhatMayBeginAStopStringIsHeldBack() {
        AnswerText text = text("abac", "cab");
        assertThat(feed(text, "xab")).isEqualTo("x");
        assertThat(feed(text, "a")).isEmpty();
        assertThat(feed(text, "b")).isEqualTo("ab");
        assertThat(feed(text, "z")).isEqualTo("abz");
        assertThat(feed(text, "ca")).isEmpty();
        assertThat(text.finish()).isEqualTo("ca");
    }

    @Test
    void stopStringsThatEndWithinTheFirstMinTokensDoNotStop() {
        int[] ids = ByteCodec.bytes("abXcdX");
        Shown shown =
                Shown.of(new ByteCodec(false), StopStrings.of(List.of("X")), 3, false, false, ids);
        assertThat(shown.text).isEqualTo("abXcd");
    }

    @Test
    void aStopStringThatBeganTooEarlyMayEndLater() {
        int[] ids = ByteCodec.bytes("abXXd");
        Shown shown =
                Shown.of(new ByteCodec(false), StopStrings.of(List.of("XX")), 3, false, false, ids);
        assertThat(shown.text).isEqualTo("ab");
    }

    @Test
    void emptyStopStringsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> StopStrings.of(List.of("a", "")));
    }

    private static AnswerText text(String... stops) {
        return new AnswerText(
                new ByteCodec(false), StopStrings.of(List.of(stops)), true, false, 0, false);
    }

    private static String feed(AnswerText text, String more) {
        for (int id : ByteCodec.bytes(more)) {
            text.append(id);
        }
        return text.take();
    }

    private static String letters(Random random, int length) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < length; i++) {
            letters.append("abé".charAt(random.nextInt(3)));
        }
        return letters.toString();
    }

    private static List<String> cut(Random random, String text) {
        List<String> pieces = new ArrayList<>();
        for (int from = 0; from < text.length(); ) {
            int to = Math.min(text.length(), from + 1 + random.nextInt(4));
            pieces.add(text.substring(from, to));
            from = to;
        }
        return pieces;
    }

    /** What a client sees of a run of tokens. */
    private record Shown(String text, String stop) {

        static Shown of(
                ByteCodec codec,
                StopStrings stops,
                int minTokens,
                boolean include,
                boolean startsText,
                int... ids) {
            AnswerText answer = new AnswerText(codec, stops, true, include, minTokens, startsText);
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                boolean stopped = answer.append(id);
                text.append(answer.take());
                if (stopped) {
                    break;
                }
            }
            text.append(answer.finish());
            return new Shown(text.toString(), answer.matched().orElse(null));
        }
    }

    /** The definition: the stop string that ends first, of those that end together the longest. */
    private record Expected(String text, String stop) {

        static Expected of(String text, List<String> stops, boolean include) {
            for (int end = 1; end <= text.length(); end++) {
                String longest = null;
                for (String stop : stops) {
                    if (text.substring(0, end).endsWith(stop)
                            && (longest == null || stop.length() > longest.length())) {
                        longest = stop;
                    }
                }
                if (longest != null) {
                    int cut = include ? end : end - longest.length();
                    return new Expected(text.substring(0, cut), longest);
                }
            }
            return new Expected(text, null);
        }
    }
}
