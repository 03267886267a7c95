package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.OutputFormat.AnyText;
import dev.cairn.ports.request.OutputFormat.Constant;
import dev.cairn.ports.request.OutputFormat.Regex;
import dev.cairn.ports.request.OutputFormat.Tag;
import dev.cairn.ports.request.OutputFormat.TriggeredTags;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputFormatTest {

    /** {@code -Dcairn.test.tags=N} for more. */
    private static final int CASES = Integer.getInteger("cairn.test.tags", 400);

    private static final NamedTokens CODEC =
            new NamedTokens(
                    new ByteCodec(false, "<tool", "<tool_call>", "call", "ab", "</", "é!", "{\""),
                    "[CALLS]",
                    "<|end|>",
                    "<|end|>x");
    private static final Grammars GRAMMARS =
            new Grammars(CODEC, CODEC.vocabularySize(), CODEC.endOfSequenceIds());

    private final long seed = Long.getLong("cairn.test.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @Test
    void aNameOfASpecialTokenStandsForTheTokenOnly() {
        Constraint constraint = begin(new Constant("a[CALLS]b"));
        assertThat(takes(constraint, "a")).isTrue();
        assertThat(takes(constraint.copy(), "[")).isFalse();
        assertThat(Walk.allowed(constraint.mask(9))).containsExactly(CODEC.id("[CALLS]"));
        assertThat(constraint.accept(CODEC.id("[CALLS]"))).isTrue();
        assertThat(takes(constraint, "b")).isTrue();
        assertThat(constraint.isExhausted()).isTrue();
        assertThat(begin(new Constant("<|end|>x")).accept(CODEC.id("<|end|>x"))).isTrue();
    }

    @Test
    void anyTextIsOfOrdinaryTokens() {
        Constraint constraint = begin(new AnyText());
        List<Integer> allowed = Walk.allowed(constraint.mask(1000));
        assertThat(allowed)
                .contains(ByteCodec.END, ByteCodec.FIRST_BYTE + 'a', ByteCodec.FIRST_WORD + 1)
                .doesNotContain(ByteCodec.BEGIN, CODEC.id("[CALLS]"), CODEC.id("<|end|>"));
        assertThat(constraint.canEnd()).isTrue();
        assertThat(constraint.accept(ByteCodec.FIRST_BYTE + 0xc3)).isTrue();
        assertThat(constraint.canEnd()).as("within a character").isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "<t>xyz</t>, true",
        "<t><</t>, true",
        "<t></t></t>, false",
        "<t>, false",
        "<t></t, false"
    })
    void textInATagEndsWhereItsEndBegins(String text, boolean taken) {
        assertThat(takes(new Tag("<t>", new AnyText(), "</t>"), text)).isEqualTo(taken);
    }

    @ParameterizedTest
    @CsvSource({
        "hm</think>{\"a\":1}, true",
        "</think>{\"a\":2}, true",
        "</think>x</think>{\"a\":2}, false",
        "hm{\"a\":1}, false"
    })
    void reasoningBeforeASchema(String text, boolean taken) {
        var format =
                new OutputFormat.Sequence(
                        List.of(
                                new AnyText(),
                                new Constant("</think>"),
                                new OutputFormat.JsonSchema(
                                        JsonReader.read(
                                                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}"))));
        assertThat(takes(format, text)).isEqualTo(taken);
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, '', true",
        "false, false, '<a>1</a>', true",
        "false, false, '<a>1</a>;<a>2</a>', true",
        "false, false, '<a>1</a>;', false",
        "true, false, '', false",
        "true, true, '<a>1</a>;<a>2</a>', false",
        "false, true, '<a>1</a>', true"
    })
    void tagsWithSomethingBetween(boolean least, boolean stop, String text, boolean taken) {
        var tag = new Tag("<a>", new Regex("[0-9]"), "</a>");
        var format = new OutputFormat.SeparatedTags(List.of(tag), ";", least, stop);
        assertThat(takes(format, text)).isEqualTo(taken);
    }

    @Test
    void triggeredTagsAreWhatSearchingFinds() {
        int texts = 0;
        int taken = 0;
        for (int i = 0; i < CASES; i++) {
            TriggeredTags format = tags();
            for (int j = 0; j < 40; j++) {
                String text = text(format);
                boolean expected = TagReference.matches(format, text);
                assertThat(takes(format, text))
                        .as("seed %d: %s of %s", seed, text, format)
                        .isEqualTo(expected);
                taken += expected ? 1 : 0;
                texts++;
            }
        }
        System.out.printf("OutputFormatTest: seed %d: %d texts, %d taken%n", seed, texts, taken);
        assertThat(taken).isBetween(texts / 20, texts * 19 / 20);
    }

    @Test
    void triggeredTagsCloseWithinTheirBudget() {
        for (int i = 0; i < CASES; i++) {
            TriggeredTags format = tags();
            CompiledFormat compiled = GRAMMARS.compile("f", format);
            Constraint constraint = compiled.begin();
            var bytes = new ByteArrayOutputStream();
            for (int left = compiled.shortest() + random.nextInt(60); left > 0; left--) {
                List<Integer> allowed = Walk.allowed(constraint.mask(left));
                int token = allowed.get(random.nextInt(allowed.size()));
                assertThat(constraint.accept(token)).as("seed %d", seed).isTrue();
                if (token == ByteCodec.END) {
                    break;
                }
                bytes.writeBytes(CODEC.tokenBytes(token));
                if (constraint.isExhausted()) {
                    break;
                }
            }
            String text = bytes.toString(StandardCharsets.UTF_8);
            assertThat(TagReference.matches(format, text))
                    .as("seed %d: %s of %s", seed, text, format)
                    .isTrue();
        }
    }

    @Test
    void aTriggerMayBeASpecialToken() {
        var tag = new Tag("[CALLS]f(", new Regex("[0-9]+"), ")<|end|>");
        Constraint constraint =
                begin(new TriggeredTags(List.of("[CALLS]"), List.of(tag), false, false));
        assertThat(takes(constraint, "some text [CALLS] ")).isTrue();
        assertThat(constraint.canEnd()).isTrue();
        assertThat(constraint.accept(CODEC.id("<|end|>"))).isFalse();
        assertThat(constraint.accept(CODEC.id("[CALLS]"))).isTrue();
        assertThat(constraint.canEnd()).isFalse();
        assertThat(takes(constraint, "f(12)")).isTrue();
        assertThat(constraint.accept(CODEC.id("<|end|>"))).isTrue();
        assertThat(constraint.canEnd()).isTrue();
    }

    @Test
    void forcedTokensAreTheOnlyOnesAndLeaveRoomToClose() {
        var format =
                new OutputFormat.Sequence(
                        List.of(
                                new Constant("xyz[CALLS]12"),
                                new Regex("[a-z]{3}"),
                                new Constant("!")));
        Constraint constraint = begin(format);
        int[] forced = constraint.forced(100);
        assertThat(forced).hasSize(6);
        for (int token : forced) {
            assertThat(Walk.allowed(constraint.mask(100))).containsExactly(token);
            assertThat(constraint.accept(token)).isTrue();
        }
        assertThat(constraint.forced(100)).isEmpty();
        assertThat(begin(format).forced(8)).hasSizeLessThan(forced.length);
    }

    @Test
    void aForcedTokenThatCouldBeLongerIsHeldBack() {
        Constraint constraint = begin(new OutputFormat.Choice(List.of("xab", "xac")));
        assertThat(constraint.forced(9)).containsExactly(ByteCodec.FIRST_BYTE + 'x');
        assertThat(begin(new Constant("xa")).forced(9)).hasSize(2);
    }

    @Test
    void whatCannotBeIsRefusedByField() {
        refused(new Constant("<end>"), "ends an answer");
        refused(new TriggeredTags(List.of("<a"), List.of(), false, false), "without a tag");
        var tag = new Tag("<b>", new AnyText(), "</b>");
        refused(new TriggeredTags(List.of("<a"), List.of(tag), false, false), "no trigger");
        refused(new TriggeredTags(List.of("<b", "c"), List.of(tag), false, false), "no tag");
        refused(new OutputFormat.OneOf(List.of()), "no formats");
    }

    private static void refused(OutputFormat format, String says) {
        assertThatThrownBy(() -> GRAMMARS.compile("structured_outputs.tag", format))
                .isInstanceOf(RequestRefused.class)
                .hasMessageContaining(says)
                .hasMessageContaining("structured_outputs.tag");
    }

    private static Constraint begin(OutputFormat format) {
        return GRAMMARS.compile("format", format).begin();
    }

    private static boolean takes(OutputFormat format, String text) {
        Constraint constraint = begin(format);
        return takes(constraint, text) && constraint.canEnd();
    }

    /** Byte by byte, each in the mask if and only if it is accepted. */
    private static boolean takes(Constraint constraint, String text) {
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            int token = ByteCodec.FIRST_BYTE + (value & 0xff);
            boolean allowed = (constraint.mask(5000)[token >>> 5] >>> token & 1) != 0;
            assertThat(constraint.accept(token)).isEqualTo(allowed);
            if (!allowed) {
                return false;
            }
        }
        return true;
    }

    private TriggeredTags tags() {
        List<String> triggers = new ArrayList<>();
        List<Tag> tags = new ArrayList<>();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            String trigger = word(1 + random.nextInt(3));
            triggers.add(trigger);
            for (int m = 1 + random.nextInt(2); m > 0; m--) {
                OutputFormat content =
                        random.nextBoolean() ? new AnyText() : new Regex("[0-9]{1,2}");
                tags.add(new Tag(trigger + word(random.nextInt(3)), content, end()));
            }
        }
        return new TriggeredTags(triggers, tags, random.nextInt(4) == 0, random.nextInt(4) == 0);
    }

    /** No end that overlaps with itself: where it begins is then where it is first complete. */
    private String end() {
        return List.of("/", "/a", "/>", "/ab").get(random.nextInt(4));
    }

    private String word(int length) {
        var word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append("<ab".charAt(random.nextInt(3)));
        }
        return word.toString();
    }

    private String text(TriggeredTags format) {
        var text = new StringBuilder();
        for (int n = random.nextInt(5); n > 0; n--) {
            Tag tag = format.tags().get(random.nextInt(format.tags().size()));
            text.append(
                    switch (random.nextInt(4)) {
                        case 0 -> word(random.nextInt(3));
                        case 1 -> "zé9/".substring(random.nextInt(4));
                        default ->
                                tag.begin()
                                        + (tag.content() instanceof AnyText
                                                ? word(random.nextInt(3)) + "/"
                                                : random.nextInt(120))
                                        + tag.end();
                    });
        }
        return text.toString();
    }
}
