package dev.cairn.storage.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelStore;
import dev.cairn.ports.model.ModelStore.Progress;
import dev.cairn.tck.LocalHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulls over sockets from a hub on this machine. */
class HubStoreIT {

    private static final byte[] WEIGHTS = bytes(1, 300_000);

    @TempDir private Path folder;
    private LocalHub hub;

    @BeforeEach
    void start() throws IOException {
        hub =
                new LocalHub()
                        .with("config.json", "{\"model_type\": \"llama\"}")
                        .with("tokenizer.json", "{}")
                        .with("README.md", "not needed")
                        .with("pytorch_model.bin", bytes(3, 20_000))
                        .with("consolidated.safetensors", bytes(4, 20_000))
                        .with("model.safetensors", WEIGHTS);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private ModelStore store() {
        return store(Optional.empty(), false);
    }

    private ModelStore store(Optional<String> token, boolean offline) {
        return new HubStore(
                () ->
                        new HubSettings(
                                hub.endpoint(), token, folder, offline, 2, Duration.ofSeconds(20)),
                Duration.ofMillis(1));
    }

    private static List<String> names(Path snapshot) throws IOException {
        try (Stream<Path> files = Files.list(snapshot)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void whatServingNeedsIsPulledIntoTheCacheOfOtherTools() throws IOException {
        Path snapshot = store().pull("org/tiny", Progress.SILENT);

        assertThat(snapshot)
                .isEqualTo(folder.resolve("models--org--tiny/snapshots").resolve(LocalHub.COMMIT));
        assertThat(names(snapshot))
                .containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(snapshot.resolve("model.safetensors"))
                .isSymbolicLink()
                .hasBinaryContent(WEIGHTS)
                .satisfies(
                        link ->
                                assertThat(Files.readSymbolicLink(link))
                                        .isEqualTo(Path.of("../../blobs", LocalHub.tag(WEIGHTS))));
        assertThat(folder.resolve("models--org--tiny/refs/main")).hasContent(LocalHub.COMMIT);
        assertThat(store().present()).containsExactly("org/tiny");
    }

    @Test
    void whatIsThereIsNotAskedForAgain() {
        store().pull("org/tiny", Progress.SILENT);
        hub.requests.clear();

        assertThat(store().present("org/tiny")).isPresent();
        assertThat(store().present("org/tiny@" + LocalHub.COMMIT)).isPresent();
        assertThat(store().present("org/tiny@v1")).isEmpty();
        assertThat(hub.requests).isEmpty();

        store().pull("org/tiny@v1", Progress.SILENT);
        assertThat(hub.requests).hasSize(1);
        assertThat(store().present("org/tiny@v1")).isPresent();
    }

    @Test
    void aRevisionWithASlashIsFound() {
        assertThat(store().pull("org/tiny@feature/x", Progress.SILENT)).isDirectory();
        assertThat(store().present("org/tiny@feature/x")).isPresent();
    }

    @Test
    void aCutConnectionGoesOnWhereItEnded() {
        hub.cuts.set(3);
        AtomicLong told = new AtomicLong();

        Path snapshot =
                store().pull(
                                "org/tiny",
                                new Progress() {
                                    @Override
                                    public void begin(int files, long bytes, long present) {
                                        told.addAndGet(present - bytes);
                                    }

                                    @Override
                                    public void advanced(long bytes) {
                                        told.addAndGet(bytes);
                                    }
                                });

        assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(hub.requestsOf("GET /model.safetensors"))
                .containsExactly(
                        "GET /model.safetensors null",
                        "GET /model.safetensors bytes=5000-",
                        "GET /model.safetensors bytes=10000-",
                        "GET /model.safetensors bytes=15000-");
        assertThat(told).hasValue(0);
    }

    @Test
    void whatAnEarlierProcessFetchedIsUsed() throws IOException {
        part(Arrays.copyOf(WEIGHTS, 100_000));

        Path snapshot = store().pull("org/tiny", Progress.SILENT);

        assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(hub.requestsOf("GET /model.safetensors"))
                .containsExactly("GET /model.safetensors bytes=100000-");
    }

    @Test
    void whatAnEarlierProcessFetchedWronglyIsFetchedAgain() throws IOException {
        part(bytes(9, 100_000));

        Path snapshot = store().pull("org/tiny", Progress.SILENT);

        assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(hub.requestsOf("GET /model.safetensors"))
                .containsExactly(
                        "GET /model.safetensors bytes=100000-", "GET /model.safetensors null");
    }

    private void part(byte[] content) throws IOException {
        Path blobs = Files.createDirectories(folder.resolve("models--org--tiny/blobs"));
        Files.write(blobs.resolve(LocalHub.tag(WEIGHTS) + ".incomplete"), content);
    }

    @Test
    void aServerWithoutPartsGivesAllOfItAgain() {
        hub.ranges = false;
        hub.cuts.set(2);

        Path snapshot = store().pull("org/tiny", Progress.SILENT);

        assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aHubThatListsOnlyNamesIsAskedForEachFile() {
        hub.describes = false;

        Path snapshot = store().pull("org/tiny", Progress.SILENT);

        assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(hub.requestsOf("HEAD ")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "config.json"})
    void aFlippedByteIsNeverServed(String path) {
        byte[] wrong = hub.content(path).clone();
        wrong[wrong.length / 2] ^= 1;
        hub.serves(path, wrong);

        assertThatThrownBy(() -> store().pull("org/tiny", Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(path)
                .hasMessageContaining("damaged twice");
        assertThat(store().present("org/tiny")).isEmpty();
        assertThat(folder.resolve("models--org--tiny/snapshots")).doesNotExist();
    }

    @Test
    void aHubThatIsBusyIsAskedAgain() {
        hub.failures.set(3);

        assertThat(store().pull("org/tiny", Progress.SILENT)).isDirectory();
    }

    @Test
    void aHubThatIsGoneIsSaidAndWhatCameIsKept() {
        hub.cuts.set(1_000);
        hub.cutAfter = 0;

        assertThatThrownBy(() -> store().pull("org/tiny", Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.safetensors stops after 0 of 300,000 bytes")
                .hasMessageContaining("ask again");
        assertThat(store().present("org/tiny")).isEmpty();
    }

    @Test
    void theTokenIsForTheHubAlone() {
        hub.wanted = Optional.of("hf_secret");

        assertThatThrownBy(() -> store().pull("org/tiny", Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("is gated")
                .hasMessageContaining("HF_TOKEN");
        assertThatThrownBy(
                        () ->
                                store(Optional.of("hf_other"), false)
                                        .pull("org/tiny", Progress.SILENT))
                .hasMessageNotContaining("hf_other");

        store(Optional.of("hf_secret"), false).pull("org/tiny", Progress.SILENT);
        assertThat(hub.leaked).isEmpty();
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatThrownBy(() -> store().pull("org/none", Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("has no model org/none")
                .hasMessageContaining("private");
        assertThatThrownBy(() -> store().pull("org/tiny@v9", Progress.SILENT))
                .hasMessageContaining("no revision \"v9\"");
        assertThatThrownBy(() -> store().pull("org/tiny/q8.gguf", Progress.SILENT))
                .hasMessageContaining("has no file q8.gguf");
    }

    @Test
    void offlineNothingIsAsked() {
        assertThatThrownBy(() -> store(Optional.empty(), true).pull("org/tiny", Progress.SILENT))
                .hasMessageContaining("HF_HUB_OFFLINE");
        assertThat(hub.requests).isEmpty();
    }

    @Test
    void oneGgufFileIsTheModelAndSeveralAreAChoice() throws IOException {
        try (LocalHub ggufs = new LocalHub().with("tiny-q8_0.gguf", bytes(5, 20_000))) {
            hub.close();
            hub = ggufs;
            assertThat(store().pull("org/tiny", Progress.SILENT)).hasFileName("tiny-q8_0.gguf");
            ggufs.with("tiny-q4_0.gguf", bytes(6, 20_000));

            assertThatThrownBy(() -> store().pull("org/tiny@v1", Progress.SILENT))
                    .hasMessageContaining("write the one you want, like org/tiny/tiny-q4_0.gguf");
            assertThat(store().pull("org/tiny/tiny-q4_0.gguf", Progress.SILENT))
                    .hasBinaryContent(bytes(6, 20_000));
        }
    }

    @Test
    void namesThatLeaveTheFolderAreRefused() throws IOException {
        try (LocalHub hostile = new LocalHub().with("../../escaped.json", "{}")) {
            hub.close();
            hub = hostile;

            assertThatThrownBy(() -> store().pull("org/tiny", Progress.SILENT))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("../../escaped.json");
            assertThat(folder).isEmptyDirectory();
        }
    }
}
