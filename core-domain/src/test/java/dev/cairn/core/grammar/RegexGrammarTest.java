package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexGrammarTest {

    @Test
    void acceptsExactlyWhatJavaMatches() {
        long seed = System.nanoTime();
        System.out.println("acceptsExactlyWhatJavaMatches: seed " + seed);
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            String regex = random(random, 3);
            Pattern oracle = Pattern.compile(regex);
            MaskSource source = source(regex);
            for (String text : texts(random)) {
                assertThat(Walk.accepts(source, text))
                        .as("seed %d: %s on %s", seed, regex, text)
                        .isEqualTo(oracle.matcher(text).matches());
            }
        }
    }

    @Test
    void everyWalkMatches() {
        long seed = System.nanoTime();
        System.out.println("everyWalkMatches: seed " + seed);
        var random = new SplittableRandom(seed);
        int ended = 0;
        for (int round = 0; round < 300; round++) {
            String regex = random(random, 4);
            String answer = Walk.answer(source(regex), random, 12);
            if (answer != null) {
                Optional<Boolean> matches = matches(regex, answer);
                ended += matches.isPresent() ? 1 : 0;
                assertThat(matches.orElse(true))
                        .as("seed %d: %s on %s", seed, regex, answer)
                        .isTrue();
            }
        }
        assertThat(ended).as("seed %d", seed).isGreaterThan(200);
    }

    /** What Java's matcher says, unless it goes back and forth for too long: some take years. */
    private static Optional<Boolean> matches(String regex, String text) {
        try {
            return Optional.of(Pattern.matches(regex, new CountedText(text)));
        } catch (TooLong tooLong) {
            return Optional.empty();
        }
    }

    private static final class TooLong extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    /** A text of which only so many characters can be read. */
    private static final class CountedText implements CharSequence {

        private static final int MOST = 10_000_000;

        private final String text;
        private int read;

        CountedText(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++read > MOST) {
                throw new TooLong();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[^a-c]é?\\d{2,3}",
                "\\p{Lu}\\p{Ll}*",
                "(?<year>[0-9]{4})-(0[1-9]|1[0-2])",
                "[\\x41-\\u0043\\-\\]]+",
                "a*?b+?",
                "\\uD83D\\uDE00|日本+",
                "[^\\W\\d_]{2}",
                "^abc$|d",
                "(a{0,3}b?){2,40}"
            })
    void particularPatternsMatchWhatJavaMatches(String regex) {
        long seed = System.nanoTime();
        System.out.println(regex + ": seed " + seed);
        var random = new SplittableRandom(seed);
        MaskSource source = source(regex);
        for (int i = 0; i < 20; i++) {
            String answer = Walk.answer(source, random, 8);
            assertThat(answer).isNotNull();
            assertThat(Pattern.matches(regex, answer)).as("seed %d: %s", seed, answer).isTrue();
        }
    }

    @Test
    void negatedClassesNeverAllowBrokenUtf8() {
        byte[] surrogate = {(byte) 0xed, (byte) 0xa0, (byte) 0x80};
        byte[] overlong = {(byte) 0xc0, (byte) 0x80};
        Grammar grammar = GrammarText.regex("regex", "[^a]*");
        var stepper = new Stepper(grammar, new Closing(grammar, Walk.TRIE));
        for (byte[] broken : List.of(surrogate, overlong)) {
            Configuration at = stepper.start();
            for (byte value : broken) {
                at = at == null ? null : stepper.advance(at, value & 0xff);
            }
            assertThat(at).isNull();
        }
    }

    private static MaskSource source(String regex) {
        return new MaskSource(GrammarText.regex("regex", regex), Walk.TRIE);
    }

    private static List<String> texts(SplittableRandom random) {
        return java.util.stream.IntStream.range(0, 40)
                .mapToObj(
                        _ -> {
                            var text = new StringBuilder();
                            for (int n = random.nextInt(7); n > 0; n--) {
                                text.append("aabbcé".charAt(random.nextInt(6)));
                            }
                            return text.toString();
                        })
                .toList();
    }

    private static String random(SplittableRandom random, int depth) {
        if (depth == 0) {
            return List.of("a", "b", "[ab]", "[^a]", "é", "c", "\\w").get(random.nextInt(7));
        }
        String one = random(random, depth - 1);
        return switch (random.nextInt(7)) {
            case 0 -> "(" + one + "|" + random(random, depth - 1) + ")";
            case 1 -> "(" + one + ")*";
            case 2 -> "(?:" + one + ")?";
            case 3 -> {
                int least = random.nextInt(3);
                yield "(" + one + "){" + least + "," + (least + random.nextInt(3)) + "}";
            }
            case 4 -> "(" + one + "){" + random.nextInt(4) + ",}";
            default -> one + random(random, depth - 1);
        };
    }
}
