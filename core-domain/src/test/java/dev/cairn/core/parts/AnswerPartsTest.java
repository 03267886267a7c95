package dev.cairn.core.parts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AnswerPartsTest {

    private static final Set<String> FUNCTIONS = Set.of("f", "get_weather");
    private static final long SEED = Long.getLong("cairn.test.seed", 20261121);
    private static final int ANSWERS =
            "nightly".equals(System.getProperty("cairn.test.size")) ? 300 : 30;

    @Test
    void textBeforeAndAfterCallsIsText() {
        assertThat(
                        parse(
                                CallSpelling.HERMES,
                                "Let me see.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n"
                                        + "</tool_call>\n<tool_call>{\"name\":\"get_weather\",\"arguments\":{}}"
                                        + "</tool_call>\nDone."))
                .isEqualTo(
                        new Assembled(
                                "Let me see.\nDone.",
                                "",
                                List.of("f({\"a\": 1})", "get_weather({})")));
    }

    @Test
    void mistralsListHasMoreMembersThanAreRead() {
        assertThat(
                        parse(
                                CallSpelling.MISTRAL_LIST,
                                "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"s\": \"]}\"}, \"id\": \"abcdefghi\"},"
                                        + " {\"arguments\": {}, \"name\": \"f\"}]"))
                .isEqualTo(new Assembled("", "", List.of("f({\"s\": \"]}\"})", "f({})")));
    }

    @Test
    void mistralsNamesStandBeforeTheirArguments() {
        assertThat(
                        parse(
                                CallSpelling.MISTRAL_NAMED,
                                "So:[TOOL_CALLS]f[CALL_ID]123456789[ARGS]{\"a\": [1]}[TOOL_CALLS]f[ARGS]{}"))
                .isEqualTo(new Assembled("So:", "", List.of("f({\"a\": [1]})", "f({})")));
    }

    @Test
    void llamasCallsBeginTheAnswer() {
        String call = "{\"name\": \"f\", \"parameters\": {\"a\": \"x;y\"}}";
        assertThat(parse(CallSpelling.LLAMA3, call + "; " + call))
                .isEqualTo(
                        new Assembled(
                                "", "", List.of("f({\"a\": \"x;y\"})", "f({\"a\": \"x;y\"})")));
        assertThat(parse(CallSpelling.LLAMA3, "<|python_tag|>" + call).calls()).hasSize(1);
        assertThat(parse(CallSpelling.LLAMA3, "As in " + call))
                .isEqualTo(new Assembled("As in " + call, "", List.of()));
    }

    @Test
    void whatIsNoCallIsText() {
        for (String text :
                List.of(
                        "<tool_call>nothing</tool_call>",
                        "<tool_call>\n{\"name\": \"unknown\", \"arguments\": {}}\n</tool_call>",
                        "<tool_call>\n{\"name\": \"f\", \"arguments\": {a}}\n</tool_call>",
                        "<tool_call>\n{\"name\": \"f\", \"arguments\": {}",
                        "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}",
                        "a <tool_call",
                        "tail \n")) {
            assertThat(parse(CallSpelling.HERMES, text))
                    .isEqualTo(new Assembled(text, "", List.of()));
        }
        String person = "{\"name\": \"Ann\", \"parameters\": {}}";
        assertThat(parse(CallSpelling.LLAMA3, person).text()).isEqualTo(person);
        assertThat(parse(CallSpelling.LIST, "no list").text()).isEqualTo("no list");
    }

    @Test
    void argumentsOfHeldCallsComeBeforeTheyAreComplete() {
        AnswerParts parts = parts(CallSpelling.HERMES, true, Thoughts.State.SPEAKING);
        parts.feed("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"b");
        assertThat(parts.take(0, List.of()).calls().getLast().arguments()).isEqualTo("{\"a\": \"b");
        AnswerParts loose = parts(CallSpelling.HERMES, false, Thoughts.State.SPEAKING);
        loose.feed("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"b");
        assertThat(loose.take(0, List.of()).calls()).isEmpty();
    }

    @Test
    void thoughtsAreToldApart() {
        String answer = "<think>\nHm <b>.\n</think>\n\nYes";
        assertThat(think(Thoughts.State.UNSURE, answer))
                .isEqualTo(new Assembled("Yes", "Hm <b>.", List.of()));
        assertThat(think(Thoughts.State.OPENED, "Hm.</think>Yes"))
                .isEqualTo(new Assembled("Yes", "Hm.", List.of()));
        assertThat(think(Thoughts.State.OPENED, answer).thoughts()).isEqualTo("Hm <b>.");
        assertThat(think(Thoughts.State.UNSURE, " Yes </think>"))
                .isEqualTo(new Assembled(" Yes </think>", "", List.of()));
        assertThat(think(Thoughts.State.OPENED, "On and on </th"))
                .isEqualTo(new Assembled("", "On and on </th", List.of()));
    }

    @Test
    void callsWithinThoughtsAreThoughts() {
        String call = "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>";
        AnswerParts parts = parts(CallSpelling.HERMES, true, Thoughts.State.UNSURE);
        assertThat(Assembled.of(parts, List.of("<think>" + call + "</think>\n" + call)))
                .isEqualTo(new Assembled("", call, List.of("f({})")));
        assertThat(parts.reason(FinishReason.STOP)).isEqualTo(FinishReason.TOOL_CALLS);
        assertThat(parts.reason(FinishReason.LENGTH)).isEqualTo(FinishReason.LENGTH);
    }

    @ParameterizedTest
    @EnumSource(CallSpelling.class)
    void howTheTextIsCutMakesNoDifference(CallSpelling spelling) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        int cuts = 0;
        for (int i = 0; i < ANSWERS; i++) {
            WrittenAnswer answer = WrittenAnswer.random(spelling, random);
            for (boolean held : new boolean[] {true, false}) {
                Assembled whole = assemble(answer, held, List.of(answer.text()));
                assertThat(whole.calls())
                        .as("seed %d, answer %d, held %s: %s", SEED, i, held, answer.text())
                        .isEqualTo(answer.calls());
                assertThat(whole.text().replaceAll("\\s", "")).isEqualTo(answer.speech());
                assertThat(whole.thoughts()).isEqualTo(answer.thoughts());
                assertThat(
                                assemble(
                                        answer,
                                        held,
                                        answer.text()
                                                .chars()
                                                .mapToObj(Character::toString)
                                                .toList()))
                        .isEqualTo(whole);
                for (int at = 1; at < answer.text().length(); at++) {
                    assertThat(
                                    assemble(
                                            answer,
                                            held,
                                            List.of(
                                                    answer.text().substring(0, at),
                                                    answer.text().substring(at))))
                            .as("seed %d, answer %d, cut %d", SEED, i, at)
                            .isEqualTo(whole);
                    cuts++;
                }
            }
        }
        System.out.println(spelling + ": " + ANSWERS + " answers, " + cuts + " cuts, seed " + SEED);
    }

    private static Assembled assemble(WrittenAnswer answer, boolean held, List<String> pieces) {
        return Assembled.of(parts(answer.spelling(), held, Thoughts.State.UNSURE), pieces);
    }

    private static Assembled parse(CallSpelling spelling, String text) {
        Assembled loose =
                Assembled.of(parts(spelling, false, Thoughts.State.SPEAKING), List.of(text));
        List<String> letters = new ArrayList<>();
        text.chars().mapToObj(Character::toString).forEach(letters::add);
        assertThat(Assembled.of(parts(spelling, false, Thoughts.State.SPEAKING), letters))
                .isEqualTo(loose);
        return loose;
    }

    private static Assembled think(Thoughts.State begin, String text) {
        Pieces pieces = new Pieces(call -> "id" + call);
        return Assembled.of(
                new AnswerParts(pieces, new Thoughts(begin, null, pieces), true),
                text.chars().mapToObj(Character::toString).toList());
    }

    private static AnswerParts parts(CallSpelling spelling, boolean held, Thoughts.State begin) {
        Pieces pieces = new Pieces(call -> "id" + call);
        Set<String> functions = spelling == CallSpelling.BARE ? Set.of("f") : FUNCTIONS;
        Set<String> begins =
                held && spelling != CallSpelling.BARE
                        ? Set.of(spelling.begin("f"), spelling.begin("get_weather"))
                        : Set.of();
        var parser = new CallParser(spelling, functions, begins, pieces);
        return new AnswerParts(pieces, new Thoughts(begin, parser, pieces), true);
    }
}
