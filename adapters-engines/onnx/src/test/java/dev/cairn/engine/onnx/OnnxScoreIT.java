package dev.cairn.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.TokenPair;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxScoreIT {

    /** What PyTorch answered, see {@code export_cross_encoder.py}. */
    private record Answer(TokenPair pair, double score) {}

    private final Path folder = folder("tiny-cross-encoder");
    private final List<Answer> answers = answers(folder);

    @Test
    void scoresAreThoseOfPyTorch() {
        try (ScoreRunner runner = OnnxScoreRunner.open(ScoreFolder.read(folder), 1, 16)) {
            float[] scores = score(runner, answers.stream().map(Answer::pair).toList()).join();
            assertThat(scores).hasSize(45);
            for (int i = 0; i < scores.length; i++) {
                assertThat((double) scores[i])
                        .as("pair %d", i)
                        .isCloseTo(answers.get(i).score(), within(2e-5));
                TokenPair alone = answers.get(i).pair();
                assertThat(score(runner, List.of(alone)).join()[0])
                        .as("pair %d alone", i)
                        .isEqualTo(scores[i]);
            }
        }
    }

    @Test
    void segmentsAreToldApart() {
        try (ScoreRunner runner = OnnxScoreRunner.open(ScoreFolder.read(folder), 1, 16)) {
            TokenPair pair = answers.getFirst().pair();
            TokenPair oneSegment = new TokenPair(pair.ids(), new int[pair.length()], pair.texts());
            assertThat(score(runner, List.of(oneSegment)).join()[0])
                    .isNotCloseTo((float) answers.getFirst().score(), within(1e-3f));
        }
    }

    @Test
    void thePublisherSaysWhatIsMadeOfTheLogit(@TempDir Path other) throws IOException {
        Files.createDirectories(other.resolve("onnx"));
        Files.copy(folder.resolve("onnx/model.onnx"), other.resolve("onnx/model.onnx"));
        describe(
                other,
                "'sentence_transformers': {'activation_fn': 'torch.nn.modules.linear.Identity'}");
        try (ScoreRunner runner = OnnxScoreRunner.open(ScoreFolder.read(other), 1, 16)) {
            double score = answers.getFirst().score();
            double logit = Math.log(score / (1 - score));
            assertThat((double) score(runner, List.of(answers.getFirst().pair())).join()[0])
                    .isCloseTo(logit, within(1e-3));
            assertThat(runner.maxTokens()).isEqualTo(64);
        }
        describe(
                other,
                "'sbert_ce_default_activation_function': 'torch.nn.modules.activation.Tanh'");
        assertThatThrownBy(() -> ScoreFolder.read(other))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("Tanh is not served");
        describe(other, "'model_type': 'xlm-roberta', 'pad_token_id': 1");
        assertThat(ScoreFolder.read(other).encoder().maxTokens()).isEqualTo(62);
    }

    @Test
    void aFolderIsEitherForScoresOrForVectors() {
        var scores = new OnnxScoreFactory(1, 1);
        var vectors = new OnnxEmbeddingFactory(1, 1);
        assertThat(scores.recognises(folder.toString())).isTrue();
        assertThat(vectors.recognises(folder.toString())).isFalse();
        String encoder = folder("tiny-encoder").toString();
        assertThat(scores.recognises(encoder)).isFalse();
        assertThat(vectors.recognises(encoder)).isTrue();
        assertThatThrownBy(() -> OnnxScoreRunner.open(ScoreFolder.read(Path.of(encoder)), 1, 1))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("must be float [batch, labels]");
    }

    private static void describe(Path folder, String more) throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                ("{'architectures': ['BertForSequenceClassification'],"
                                + "'max_position_embeddings': 64, 'vocab_size': 200, "
                                + more
                                + "}")
                        .replace('\'', '"'));
    }

    private static CompletableFuture<float[]> score(ScoreRunner runner, List<TokenPair> pairs) {
        CompletableFuture<float[]> future = new CompletableFuture<>();
        runner.score(
                pairs,
                new Completion<>() {
                    @Override
                    public void completed(float[] result) {
                        future.complete(result);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                });
        return future;
    }

    private static Path folder(String name) {
        try {
            return Path.of(OnnxScoreIT.class.getResource("/" + name + "/config.json").toURI())
                    .getParent();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static List<Answer> answers(Path folder) {
        try {
            var all = (JsonArray) JsonReader.read(Files.readString(folder.resolve("answers.json")));
            return all.values().stream().map(OnnxScoreIT::answer).toList();
        } catch (IOException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static Answer answer(JsonValue value) {
        var answer = (JsonObject) value;
        int[] ids = numbers(answer.member("ids"));
        return new Answer(
                new TokenPair(ids, numbers(answer.member("types")), new int[ids.length]),
                ((JsonNumber) answer.member("score")).doubleValue());
    }

    private static int[] numbers(JsonValue array) {
        return ((JsonArray) array)
                .values().stream()
                        .mapToInt(value -> (int) ((JsonNumber) value).doubleValue())
                        .toArray();
    }
}
