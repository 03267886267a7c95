package dev.cairn.engine.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.models.files.TinyModels;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.model.WeightRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderIT {

    private static final Path TOKENIZER = Path.of("target/test-classes/oracles/llama-rope-linear");

    @TempDir private Path folder;

    @BeforeEach
    void writeModel() throws IOException {
        Files.writeString(folder.resolve("config.json"), TinyModels.LLAMA_CONFIG);
        Files.write(folder.resolve("model.safetensors"), TinyModels.llama());
        for (String file : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
            Files.copy(TOKENIZER.resolve(file), folder.resolve(file));
        }
    }

    private ModelArtifact open() {
        return new HuggingFaceFormat().open(folder.toString());
    }

    private void assertRefused(String words) {
        assertThatThrownBy(() -> open().close())
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(words);
    }

    @Test
    void aFolderOpens() {
        assertThat(new HuggingFaceFormat().recognises(folder.toString())).isTrue();
        try (ModelArtifact model = open()) {
            assertThat(model.weights().matrix(WeightRole.DOWN, 0).rows()).isEqualTo(8);
            assertThat(model.defaultName()).isEqualTo(folder.getFileName().toString());
            assertThat(model.generationDefaults().endOfSequenceIds()).isEmpty();
            assertThat(model.codec().endOfSequenceIds()).containsExactly(2);
        }
    }

    @Test
    void everyByteOfWeightsAndConfigurationCountsForTheFingerprint() throws IOException {
        ModelFingerprint before = fingerprint();
        assertThat(fingerprint()).isEqualTo(before);
        byte[] weights = Files.readAllBytes(folder.resolve("model.safetensors"));
        weights[weights.length - 1]++;
        Files.write(folder.resolve("model.safetensors"), weights);
        ModelFingerprint after = fingerprint();
        assertThat(after).isNotEqualTo(before);
        Files.writeString(
                folder.resolve("config.json"), TinyModels.LLAMA_CONFIG.replace("1e-5", "1e-6"));
        assertThat(fingerprint()).isNotIn(before, after);
    }

    private ModelFingerprint fingerprint() {
        try (ModelArtifact model = open()) {
            return model.fingerprint();
        }
    }

    @Test
    void shardsAreFoundByTheIndex() throws IOException {
        Files.move(
                folder.resolve("model.safetensors"),
                folder.resolve("model-00001-of-00001.safetensors"));
        writeIndex("model-00001-of-00001.safetensors");
        open().close();
        writeIndex("model-00002-of-00002.safetensors");
        assertRefused("model-00002-of-00002.safetensors: is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "/etc/passwd",
                "a/b.safetensors",
                "..",
                "x\\\\..\\\\y.safetensors",
                "",
                ".safetensors",
                "a\\u0000.safetensors"
            })
    void anIndexNamesNothingOutsideItsFolder(String name) throws IOException {
        Files.delete(folder.resolve("model.safetensors"));
        writeIndex(name);
        assertRefused(
                "model.safetensors.index.json: weight_map names no safetensors file of this folder");
    }

    private void writeIndex(String file) throws IOException {
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"model.norm.weight\": \"" + file + "\"}}");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        assertRefused("tokenizer.json: is missing");
        Files.delete(folder.resolve("model.safetensors"));
        assertRefused("model.safetensors: is missing");
    }

    @Test
    void brokenFilesOfTheTokenizerAreNamed() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}}}");
        assertRefused("tokenizer.json: a token's id must be an integer");
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"None\", \"vocab\": {\"a\": 1}}}");
        assertRefused("tokenizer.json: is no tokenizer that can be served");
        Files.writeString(folder.resolve("tokenizer.json"), "[".repeat(100_000));
        assertRefused("tokenizer.json: is no JSON");
        Files.write(folder.resolve("tokenizer.json"), new byte[] {(byte) 0xFF, 1, 2});
        assertRefused("tokenizer.json: is no UTF-8 text");
    }

    /** The native library would end the process at the first text. */
    @Test
    void specialTokensThatAreNowhereDefinedAreRefused() throws IOException {
        Files.delete(folder.resolve("tokenizer_config.json"));
        String tokenizer = Files.readString(folder.resolve("tokenizer.json"));
        open().close();
        Files.writeString(
                folder.resolve("tokenizer.json"),
                tokenizer.replaceAll(
                        "\"special_tokens\":\\s*\\{", "\"special_tokens\": {}, \"more\": {"));
        assertRefused(
                "tokenizer.json: the post-processor names a special token that it does not define");
    }
}
