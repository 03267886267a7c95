package dev.cairn.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.request.InferenceService.Scores;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.ScoreCall;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ScorerTest {

    private static final OptionalInt WHOLE = OptionalInt.empty();

    private final World world = new World();

    private final List<Scores> scores = new ArrayList<>();

    private void score(
            String model, List<String> first, List<String> second, OptionalInt truncate) {
        world.inference.score(
                new ScoreCall("", model, first, second, "query", "documents", truncate),
                new Completion<>() {
                    @Override
                    public void completed(Scores result) {
                        scores.add(result);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        throw new AssertionError(failure);
                    }
                });
    }

    private void refuses(
            String model,
            List<String> first,
            List<String> second,
            OptionalInt truncate,
            String field,
            String words) {
        assertThatThrownBy(() -> score(model, first, second, truncate))
                .isInstanceOfSatisfying(
                        RequestRefused.class,
                        refused -> {
                            assertThat(refused.problem().parameter()).contains(field);
                            assertThat(refused.problem().message()).contains(words);
                        });
    }

    @Test
    void oneTextIsScoredWithEachOfMany() {
        score("scores", List.of("ab"), List.of("c", "def"), WHOLE);
        assertThat(scores.getFirst().values()).containsExactly(3, 5);
        assertThat(scores.getFirst().promptTokens()).isEqualTo(8);
    }

    @Test
    void eachTextIsScoredWithItsOwn() {
        score("scores", List.of("a", "abcde"), List.of("b", "c"), WHOLE);
        assertThat(scores.getFirst().values()).containsExactly(2, 6);
    }

    @Test
    void longPairsAreCutOnlyWhereThatWasAskedFor() {
        score("scores", List.of("abc"), List.of("defghijklmn"), OptionalInt.of(-1));
        score("scores", List.of("abc"), List.of("defghijklmn"), OptionalInt.of(5));
        assertThat(scores).extracting(Scores::promptTokens).containsExactly(8, 5);
        refuses(
                "scores",
                List.of("abc"),
                List.of("d", "defghijklmn"),
                WHOLE,
                "query and documents[1]",
                "has 14");
        refuses(
                "scores",
                List.of("abc"),
                List.of("d".repeat(100_000)),
                WHOLE,
                "documents",
                "its first 128 characters alone have 128");
        refuses(
                "scores",
                List.of("a"),
                List.of("b"),
                OptionalInt.of(9),
                "truncate_prompt_tokens",
                "-1 or from 1 to 8");
    }

    @Test
    void vectorsOfAnEmbeddingModelAreCompared() {
        score("vectors", List.of("ab"), List.of("cd", "efghij"), WHOLE);
        world.embedder.release();
        double cosine = (9 + 16 + 3 * 7) / (Math.sqrt(34) * Math.sqrt(74));
        assertThat(scores.getFirst().values()).containsExactly(1, (float) cosine);
        assertThat(scores.getFirst().promptTokens()).isEqualTo(13);
        refuses(
                "vectors",
                List.of("a"),
                List.of("b"),
                OptionalInt.of(3),
                "truncate_prompt_tokens",
                "cross-encoders only");
    }

    @Test
    void whatCannotBeScoredIsRefusedByName() {
        refuses(
                "toy",
                List.of("a"),
                List.of("b"),
                WHOLE,
                "model",
                "does not score text: it generates");
        refuses(
                "scores",
                List.of("a", "b"),
                List.of("b"),
                WHOLE,
                "query",
                "one text, or as many as documents has");
        refuses("scores", List.of("a"), List.of(), WHOLE, "documents", "from 1 to");
        refuses("scores", List.of(""), List.of(""), WHOLE, "documents", "must not be empty");
    }
}
