package dev.cairn.core.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.SamplingParameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What the client leaves out comes from the model's publisher, and then from OpenAI. */
class DefaultsTest {

    private static final GenerationDefaults PUBLISHED =
            new GenerationDefaults(
                    List.of(7, 1, 5000),
                    OptionalInt.empty(),
                    Optional.of(true),
                    OptionalDouble.of(0.6),
                    OptionalDouble.of(0.9),
                    OptionalInt.of(40),
                    OptionalDouble.of(0.05),
                    OptionalDouble.of(1.1));

    @Test
    void withoutAnyWordOpenAisDefaultsHold() {
        GenerationRequest request = new World().asked(new Call());
        assertThat(request.sampling())
                .isEqualTo(new SamplingParameters(1, 1, 0, 0, 0, 0, 1, Map.of()));
        assertThat(request.seed()).isEqualTo(4711);
        assertThat(request.topLogprobs()).isEqualTo(-1);
        assertThat(request.promptLogprobs()).isEqualTo(-1);
    }

    @Test
    void thePublishersDefaultsComeBeforeOpenAis() {
        assertThat(published(PUBLISHED).asked(new Call()).sampling())
                .isEqualTo(new SamplingParameters(0.6f, 0.9f, 40, 0.05f, 0, 0, 1.1f, Map.of()));
    }

    @Test
    void theRequestsOwnComeBeforeThePublishers() {
        Call call =
                new Call()
                        .temperature(0)
                        .topP(1)
                        .topK(-1)
                        .minP(0)
                        .presence(1)
                        .frequency(-1)
                        .repetition(1)
                        .seed(5)
                        .bias(9, -3);
        GenerationRequest request = published(PUBLISHED).asked(call);
        assertThat(request.sampling())
                .isEqualTo(new SamplingParameters(0, 1, 0, 0, 1, -1, 1, Map.of(9, -3f)));
        assertThat(request.seed()).isEqualTo(5);
    }

    @Test
    void aModelThatDoesNotSampleIsGreedyUnlessAskedOtherwise() {
        GenerationDefaults greedy =
                new GenerationDefaults(
                        List.of(),
                        OptionalInt.empty(),
                        Optional.of(false),
                        OptionalDouble.of(0.6),
                        OptionalDouble.empty(),
                        OptionalInt.empty(),
                        OptionalDouble.empty(),
                        OptionalDouble.empty());
        assertThat(published(greedy).asked(new Call()).sampling().temperature()).isZero();
        assertThat(published(greedy).asked(new Call().temperature(0.5)).sampling().temperature())
                .isEqualTo(0.5f);
    }

    @Test
    void answersEndWithTheTokenizersAndThePublishersEnds() {
        assertThat(published(PUBLISHED).asked(new Call()).stop().endOfSequenceIds())
                .containsExactly(7, ByteCodec.END);
        assertThat(published(PUBLISHED).asked(new Call().ignoreEnd()).stop().endOfSequenceIds())
                .isEmpty();
    }

    @Test
    void withoutMaxTokensTheAnswerMayFillTheContext() {
        assertThat(new World().asked(new Call().restOfContext()).stop().maxTokens())
                .isEqualTo(World.MAX_LENGTH - 5);
    }

    @Test
    void promptsAreEncodedOnceAndIdsTakenAsTheyAre() {
        assertThat(new World().asked(new Call().prompt(new Prompt.Text("a", true))).prompt())
                .containsExactly(ByteCodec.BEGIN, ByteCodec.FIRST_BYTE + 'a');
        assertThat(new World().asked(new Call().ids(299, 3)).prompt()).containsExactly(299, 3);
    }

    @Test
    void aTruncatedPromptKeepsItsEnd() {
        assertThat(new World().asked(new Call().ids(3, 4, 5, 6).truncate(2)).prompt())
                .containsExactly(5, 6);
        int[] longer = new int[150];
        assertThat(new World().asked(new Call().ids(longer).truncate(-1)).prompt()).hasSize(80);
    }

    @Test
    void badWordsAreForbiddenAtTheStartAndAfterASpace() {
        ByteCodec codec = new ByteCodec(false, "bad", " bad");
        World world = new World(codec, GenerationDefaults.none());
        assertThat(world.asked(new Call().badWords("bad")).badWords())
                .containsExactly(List.of(ByteCodec.FIRST_WORD), List.of(ByteCodec.FIRST_WORD + 1));
    }

    private static World published(GenerationDefaults defaults) {
        return new World(new ByteCodec(false), defaults);
    }
}
