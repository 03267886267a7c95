package dev.cairn.core.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.StopConditions;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TokenConstraintsTest {

    private static final int VOCABULARY = 40;

    @Test
    void withoutConstraintsThereIsNoMask() {
        assertThat(of(List.of(), List.of(), 0).next(new int[] {7}, 1, 1)).isNull();
    }

    @Test
    void onlyAllowedTokensAreAllowed() {
        TokenConstraints constraints = of(List.of(3, 39), List.of(), 0);
        assertThat(ids(constraints.next(new int[] {7}, 1, 1))).containsExactly(3, 39);
    }

    @Test
    void endsAreForbiddenBeforeMinTokensAndOnlyThen() {
        TokenConstraints constraints = of(List.of(), List.of(), 2);
        int[] tokens = {7, 8, 9};
        assertThat(ids(constraints.next(tokens, 1, 1)))
                .hasSize(VOCABULARY - 2)
                .doesNotContain(1, 5);
        assertThat(ids(constraints.next(tokens, 1, 2))).hasSize(VOCABULARY - 2);
        assertThat(constraints.next(tokens, 1, 3)).isNull();
    }

    @Test
    void theLastTokenOfABadWordIsForbiddenAfterTheOthers() {
        TokenConstraints constraints = of(List.of(), List.of(List.of(10), List.of(11, 12, 13)), 0);
        int[] tokens = {11, 12, 11, 12};
        assertThat(ids(constraints.next(tokens, 0, 4))).doesNotContain(10, 13).contains(12);
        assertThat(ids(constraints.next(tokens, 0, 3))).doesNotContain(10).contains(13);
        // What the prompt said does not count.
        assertThat(ids(constraints.next(tokens, 3, 4))).contains(13);
    }

    @Test
    void aChoiceIsAlwaysPossible() {
        TokenConstraints constraints = of(List.of(1), List.of(), 3);
        assertThat(ids(constraints.next(new int[] {7}, 1, 1))).containsExactly(1);
    }

    private static TokenConstraints of(
            List<Integer> allowed, List<List<Integer>> badWords, int minTokens) {
        GenerationRequest request =
                new GenerationRequest(
                        "r",
                        "m",
                        new int[] {7},
                        1,
                        0,
                        SamplingParameters.GREEDY,
                        new StopConditions(
                                10, minTokens, List.of(), List.of(5), List.of(1), false, true),
                        allowed,
                        badWords,
                        Optional.empty(),
                        Optional.empty(),
                        -1,
                        -1,
                        "",
                        "",
                        0,
                        OptionalLong.empty(),
                        0,
                        TraceContext.NONE,
                        Continuation.NONE,
                        Optional.empty());
        return new TokenConstraints(request, VOCABULARY);
    }

    private static List<Integer> ids(int[] mask) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < 32 * mask.length; id++) {
            if ((mask[id >>> 5] >>> id & 1) != 0) {
                ids.add(id);
            }
        }
        return ids;
    }
}
