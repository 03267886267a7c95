package dev.cairn.distribution.bench.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptSetTest {

    private static final CountedWords TOKENS = new CountedWords();

    private final PromptWriter writer = new PromptWriter(Api.CHAT, TOKENS);

    @ParameterizedTest
    @EnumSource(PromptSet.class)
    void theSameSeedGivesTheSameSessions(PromptSet set) {
        assertThat(set.generate(shape(30, 5), writer))
                .isEqualTo(set.generate(shape(30, 5), writer));
        assertThat(set.generate(shape(30, 5), writer))
                .isNotEqualTo(set.generate(shape(30, 6), writer));
    }

    @ParameterizedTest
    @EnumSource(
            value = PromptSet.class,
            names = {"FIXED", "MULTI_TURN", "AGENTIC"})
    void moreRequestsChangeNoneOfTheFirst(PromptSet set) {
        List<Session> few = set.generate(shape(22, 5), writer);
        assertThat(set.generate(shape(88, 5), writer)).startsWith(few.toArray(Session[]::new));
    }

    @ParameterizedTest
    @EnumSource(PromptSet.class)
    void firstPromptsHaveExactlyTheirTokens(PromptSet set) {
        for (Session session : set.generate(shape(60, 7), writer)) {
            Turn first = session.turns().getFirst();
            assertThat(TOKENS.prompt(Api.CHAT, first.messages())).isEqualTo(first.promptTokens());
        }
    }

    @Test
    void fixedPromptsDifferFromTheirBegin() {
        Set<String> begins = new HashSet<>();
        PromptSet.FIXED
                .generate(shape(200, 1), writer)
                .forEach(session -> begins.add(content(session).substring(0, 60)));
        assertThat(begins).hasSize(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100, 101})
    void chatHasItsSharesExactly(int requests) {
        Map<String, Long> labels =
                PromptSet.CHAT.generate(shape(requests, 3), writer).stream()
                        .collect(Collectors.groupingBy(Session::label, Collectors.counting()));
        double[] wanted = {0.5 * requests, 0.35 * requests, 0.15 * requests};
        String[] names = {"short", "middling", "long"};
        assertThat(labels.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(requests);
        for (int i = 0; i < names.length; i++) {
            assertThat((double) labels.getOrDefault(names[i], 0L))
                    .isBetween(Math.floor(wanted[i]), Math.ceil(wanted[i]));
        }
    }

    @Test
    void sharedPrefixesAreSharedByEqualNumbers() {
        Map<Message, Long> systems =
                PromptSet.SHARED_PREFIX.generate(shape(40, 3), writer).stream()
                        .map(session -> session.turns().getFirst().messages().getFirst())
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(systems).hasSize(4).allSatisfy((_, count) -> assertThat(count).isEqualTo(10));
        assertThat(systems.keySet())
                .allSatisfy(each -> assertThat(TOKENS.text(each.content())).isEqualTo(90));
    }

    @Test
    void aConversationGoesOnFromTheTurnBefore() {
        List<Session> sessions = PromptSet.MULTI_TURN.generate(shape(12, 3), writer);
        assertThat(sessions).hasSize(3);
        for (Session session : sessions) {
            assertThat(session.turns().stream().map(Turn::context).toList())
                    .containsExactly(Turn.NONE, 0, 1, 2);
            assertThat(session.turns().get(2).messages())
                    .singleElement()
                    .satisfies(each -> assertThat(TOKENS.text(each.content())).isEqualTo(40));
        }
    }

    @Test
    void subagentsForkFromThePlanAndTheConclusionWaitsForAllOfThem() {
        Session agent = PromptSet.AGENTIC.generate(shape(11, 3), writer).getFirst();
        assertThat(agent.turns().stream().map(Turn::context).toList())
                .containsExactly(Turn.NONE, 0, 1, 2, 0, 4, 5, 0, 7, 8, 0);
        assertThat(agent.turns().getLast().joins()).containsExactly(3, 6, 9);
    }

    private static PromptShape shape(int requests, long seed) {
        return new PromptShape(requests, 40, 16, 90, 4, 4, 3, seed);
    }

    private static String content(Session session) {
        return session.turns().getFirst().messages().getFirst().content();
    }
}
