package dev.cairn.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.request.RequestRefused;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxEmbeddingIT {

    /** What PyTorch answered, see {@code export_encoder.py}. */
    private record Answer(int[] ids, double[] vector) {}

    private final Path folder = encoderFolder();
    private final List<Answer> answers = answers(folder);

    @Test
    void vectorsAreThoseOfPyTorch() {
        try (EmbeddingRunner runner = open(16)) {
            List<float[]> vectors =
                    embed(runner, answers.stream().map(Answer::ids).toList()).join();
            for (int i = 0; i < answers.size(); i++) {
                double[] expected = answers.get(i).vector();
                assertThat(vectors.get(i)).hasSize(expected.length);
                for (int d = 0; d < expected.length; d++) {
                    assertThat((double) vectors.get(i)[d])
                            .as("text %d, element %d", i, d)
                            .isCloseTo(expected[d], within(2e-5));
                }
            }
        }
    }

    @Test
    void aVectorDoesNotDependOnItsNeighbours() {
        try (EmbeddingRunner runner = open(16)) {
            List<int[]> ids = new ArrayList<>(answers.stream().map(Answer::ids).toList());
            List<float[]> together = embed(runner, ids).join();
            for (int i = 0; i < ids.size(); i++) {
                assertThat(embed(runner, List.of(ids.get(i))).join().getFirst())
                        .isEqualTo(together.get(i));
            }
            Collections.reverse(ids);
            assertThat(embed(runner, ids).join().getFirst()).isEqualTo(together.getLast());
        }
    }

    @Test
    void inputsThatTheModelCannotTakeAreRefused() {
        try (EmbeddingRunner runner = open(16)) {
            assertThatThrownBy(() -> embed(runner, List.of(new int[129])))
                    .hasMessageContaining("1 to 128 tokens");
            assertThatThrownBy(() -> embed(runner, List.of(new int[0])))
                    .hasMessageContaining("got 0");
            assertThatThrownBy(() -> embed(runner, List.of(new int[] {5, 1 << 20})))
                    .hasMessageContaining("got 1048576");
        }
    }

    @Test
    void theQueueIsBounded() {
        try (EmbeddingRunner runner = open(1)) {
            List<CompletableFuture<List<float[]>>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                all.add(embed(runner, answers.stream().map(Answer::ids).toList()));
            }
            long refused = all.stream().filter(OnnxEmbeddingIT::overloaded).count();
            assertThat(refused).isBetween(1L, 198L);
        }
    }

    @Test
    void brokenFoldersAreRefusedByFile(@TempDir Path broken) throws IOException {
        Files.createDirectories(broken.resolve("onnx"));
        Files.write(broken.resolve("onnx/model.onnx"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> EmbeddingFolder.read(broken))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("config.json is missing");
        Files.writeString(
                broken.resolve("config.json"),
                "{\"max_position_embeddings\": \"many\", \"vocab_size\": 3}");
        assertThatThrownBy(() -> EmbeddingFolder.read(broken))
                .hasMessageContaining("max_position_embeddings");
        Files.writeString(
                broken.resolve("config.json"),
                "{\"max_position_embeddings\": 9, \"vocab_size\": 3}");
        EmbeddingFolder read = EmbeddingFolder.read(broken);
        assertThatThrownBy(() -> OnnxEmbeddingRunner.open(read, 1, 1))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx");
    }

    private EmbeddingRunner open(int queue) {
        return OnnxEmbeddingRunner.open(EmbeddingFolder.read(folder), 1, queue);
    }

    private static boolean overloaded(CompletableFuture<?> future) {
        return future.handle((_, failure) -> failure instanceof RequestRefused).join();
    }

    private static CompletableFuture<List<float[]>> embed(
            EmbeddingRunner runner, List<int[]> inputs) {
        CompletableFuture<List<float[]>> future = new CompletableFuture<>();
        runner.embed(
                inputs,
                new Completion<>() {
                    @Override
                    public void completed(List<float[]> result) {
                        future.complete(result);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                });
        return future;
    }

    private static Path encoderFolder() {
        try {
            return Path.of(OnnxEmbeddingIT.class.getResource("/tiny-encoder/config.json").toURI())
                    .getParent();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static List<Answer> answers(Path folder) {
        try {
            var all = (JsonArray) JsonReader.read(Files.readString(folder.resolve("answers.json")));
            return all.values().stream()
                    .map(value -> (JsonObject) value)
                    .map(
                            answer ->
                                    new Answer(
                                            numbers(answer.member("ids")).stream()
                                                    .mapToInt(Double::intValue)
                                                    .toArray(),
                                            numbers(answer.member("vector")).stream()
                                                    .mapToDouble(d -> d)
                                                    .toArray()))
                    .toList();
        } catch (IOException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static List<Double> numbers(JsonValue array) {
        return ((JsonArray) array)
                .values().stream().map(value -> ((JsonNumber) value).doubleValue()).toList();
    }
}
