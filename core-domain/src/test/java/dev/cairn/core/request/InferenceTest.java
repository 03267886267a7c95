package dev.cairn.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.request.InferenceService.Embeddings;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.InferenceService.Tokenization;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class InferenceTest {

    private final World world = new World();

    @Test
    void modelsAreListedInOrderAndTheFirstIsTheDefault() {
        assertThat(world.inference.models())
                .extracting(ServedModel::name)
                .containsExactly("toy", "vectors", "scores");
        assertThat(world.asked(new Call().model("")).model()).isEqualTo("toy");
        assertThat(world.inference.codec("vectors")).isPresent();
        assertThat(world.inference.codec("other")).isEmpty();
    }

    @Test
    void twoModelsCannotHaveOneName() {
        Served.Embedding model =
                new Served.Embedding(
                        world.inference.models().get(1), new ByteCodec(false), world.embedder);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Inference(
                                        List.of(model, model),
                                        RequestLimits.USUAL,
                                        new VirtualDriver(),
                                        () -> 0,
                                        Telemetry.none()));
    }

    @Test
    void textIsTokenizedAndBack() {
        Tokenization tokens = world.inference.tokenize("toy", new Prompt.Text("é", true));
        assertThat(tokens.ids())
                .containsExactly(
                        ByteCodec.BEGIN, ByteCodec.FIRST_BYTE + 0xC3, ByteCodec.FIRST_BYTE + 0xA9);
        assertThat(tokens.names()).containsExactly("token0", "token197", "token171");
        assertThat(tokens.maxModelLength()).isEqualTo(World.MAX_LENGTH);
        assertThat(world.inference.detokenize("toy", tokens.ids())).isEqualTo("<begin>é");
        assertThatExceptionOfType(RequestRefused.class)
                .isThrownBy(() -> world.inference.detokenize("toy", new int[] {258}))
                .withMessageContaining("tokens names the token 258");
    }

    @Test
    void aRequestWakesASleepingEngineWhereThatIsWanted() {
        World waking = new World(true);
        ScriptedBackend.Nap nap = waking.backend.fallAsleep();
        assertThat(waking.inference.unreadyBecause()).as("it would be served").isEmpty();
        assertThat(waking.asked(new Call()).model()).isEqualTo("toy");
        assertThat(nap.wakes()).isEqualTo(1);
        nap.over();
        waking.asked(new Call());
        assertThat(nap.wakes()).as("awake already").isEqualTo(1);
    }

    @Test
    void aRequestLeavesASleepingEngineAloneOtherwise() {
        ScriptedBackend.Nap nap = world.backend.fallAsleep();
        assertThat(world.inference.unreadyBecause())
                .hasValueSatisfying(why -> assertThat(why).contains("/wake_up"));
        world.asked(new Call());
        assertThat(nap.wakes()).isZero();
    }

    @Test
    void inputsAreEmbeddedAndCut() {
        Outcome outcome = new Outcome();
        List<Prompt> inputs =
                List.of(new Prompt.Text("abc", true), new Prompt.TokenIds(new int[] {9}));
        world.inference.embed("", "vectors", inputs, 2, outcome);
        world.embedder.release();
        Embeddings embeddings = outcome.results.getFirst();
        assertThat(embeddings.promptTokens()).isEqualTo(5);
        assertThat(embeddings.vectors()).hasSize(2);
        assertThat(embeddings.vectors().getFirst())
                .containsExactly(new float[] {0.6f, 0.8f}, within(1e-6f));
    }

    @Test
    void embeddingsThatCannotBeMadeAreRefusedByName() {
        refuses("input must be from 1 to 2048, got 0", "vectors", List.of(), 0);
        refuses("input[1] must not be empty", "vectors", List.of(text("a"), text("")), 0);
        refuses("input[0] has 9", "vectors", List.of(text("123456789")), 0);
        refuses("dimensions must be from 1 to 3, got 4", "vectors", List.of(text("a")), 4);
        refuses("does not embed text: it generates text", "toy", List.of(text("a")), 0);
        refuses("does not exist", "other", List.of(text("a")), 0);
        refuses("got 2049", "vectors", Collections.nCopies(2049, text("a")), 0);
    }

    @Test
    void aBoundedNumberOfEmbeddingsIsInFlight() {
        Outcome outcome = new Outcome();
        for (int i = 0; i < 256; i++) {
            world.inference.embed("", "vectors", List.of(text("a")), 0, outcome);
        }
        refuses("256 requests to encoders are being computed", "vectors", List.of(text("a")), 0);
        world.embedder.release();
        world.inference.embed("", "vectors", List.of(text("a")), 0, outcome);
        world.embedder.release();
        assertThat(outcome.results).hasSize(257);
    }

    private void refuses(String message, String model, List<Prompt> inputs, int dimensions) {
        assertThatExceptionOfType(RequestRefused.class)
                .isThrownBy(
                        () -> world.inference.embed("", model, inputs, dimensions, new Outcome()))
                .withMessageContaining(message);
    }

    private static Prompt text(String text) {
        return new Prompt.Text(text, false);
    }

    private static final class Outcome implements Completion<Embeddings> {

        private final List<Embeddings> results = new ArrayList<>();

        @Override
        public void completed(Embeddings result) {
            results.add(result);
        }

        @Override
        public void failed(Throwable failure) {
            throw new AssertionError(failure);
        }
    }
}
