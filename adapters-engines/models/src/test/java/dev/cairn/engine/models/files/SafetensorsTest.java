package dev.cairn.engine.models.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

    private static ModelArchitecture tinyLlama() {
        return HuggingFaceArchitecture.read(
                new ConfigObject(
                        "config.json",
                        (JsonObject) JsonReader.read(SafetensorsBytes.TINY_LLAMA_CONFIG)));
    }

    private static BoundWeights open(byte[] file) {
        TensorDirectory directory = new TensorDirectory("model.safetensors", "config.json");
        Safetensors.tensors(SafetensorsBytes.mapped("model.safetensors", file))
                .forEach(directory::add);
        return BoundWeights.huggingFace(
                directory,
                tinyLlama(),
                new ConfigObject(
                        "config.json",
                        (JsonObject) JsonReader.read(SafetensorsBytes.TINY_LLAMA_CONFIG)));
    }

    @Test
    void rowsAreViewsOfTheFile() {
        BoundWeights weights = open(SafetensorsBytes.tinyLlama().bytes());
        var gate = weights.matrix(WeightRole.GATE, 0);
        assertThat(gate.type()).isEqualTo(WeightType.BFLOAT16);
        assertThat(gate.rows()).isEqualTo(12);
        assertThat(gate.row(3).byteSize()).isEqualTo(16);
        byte first = gate.row(0).get(ValueLayout.JAVA_BYTE, 0);
        assertThat(gate.row(1).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) (first + 16));
        assertThatThrownBy(() -> gate.row(12)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(weights.vector(WeightRole.OUTPUT_NORM, 0)).hasSize(8);
        assertThat(weights.dominantType()).isEqualTo(WeightType.BFLOAT16);
        assertThatThrownBy(() -> weights.matrix(WeightRole.OUTPUT, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void missingTensorsAreNamed() {
        byte[] file =
                SafetensorsBytes.tinyLlama().without("model.layers.0.mlp.up_proj.weight").bytes();
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(ModelException.class)
                .hasMessage(
                        "model.safetensors: tensor model.layers.0.mlp.up_proj.weight is missing,"
                                + " config.json asks for it with shape [12, 8]");
    }

    @Test
    void wrongShapesAreNamed() {
        byte[] file =
                SafetensorsBytes.tinyLlama()
                        .bfloat16("model.layers.0.mlp.up_proj.weight", 8, 12)
                        .bytes();
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(ModelException.class)
                .hasMessage(
                        "model.safetensors: tensor model.layers.0.mlp.up_proj.weight is [8, 12] in BF16,"
                                + " config.json asks for [12, 8]");
    }

    @Test
    void encodingsThatAreNotServedAreNamed() {
        String header =
                SafetensorsBytes.tinyLlama()
                        .header()
                        .replace("\"dtype\":\"BF16\"", "\"dtype\":\"I16\"");
        assertThatThrownBy(
                        () ->
                                open(
                                        SafetensorsBytes.file(
                                                header,
                                                320
                                                        + 96
                                                        + 16 * (8 + 4 + 4 + 8 + 12 + 12)
                                                        + 24 * 8)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(
                        "model.safetensors: tensor model.layers.0.self_attn.q_proj.weight is stored as I16");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}|has 9 bytes
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}|lies at [8, 0)
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}|no natural number
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,1e30]}}|natural number below 2^63
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}}|natural number below 2^63
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[4611686018427387904,4611686018427387912]}}|truncated
                    {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}|impossible shape
                    {"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}|natural number
                    {"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}|9 dimensions
                    {"a":{"dtype":"Q9","shape":[2],"data_offsets":[0,8]}}|unknown dtype Q9
                    {"a":{"shape":[2],"data_offsets":[0,8]}}|no dtype
                    {"a":[]}|no dtype
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}|overlap
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}|gap
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}|end at byte 4 of 16
                    {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}|appears twice
                    [1]|no JSON object
                    {"a":|no JSON
                    {"a":[[[[[[[[[[[[1]]]]]]]]]]]]}|nested deeper
                    """)
    void malformedHeadersAreRefused(String header, String words) {
        assertThatThrownBy(
                        () ->
                                Safetensors.tensors(
                                        SafetensorsBytes.mapped(
                                                "m.safetensors",
                                                SafetensorsBytes.file(header, 16))))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("m.safetensors: ")
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource({"-1", "9223372036854775807", "1152921504606846976", "100000001", "1", "0"})
    void lengthsThatTheFileCannotHoldAreRefused(long length) {
        byte[] file = SafetensorsBytes.tinyLlama().bytes();
        for (int i = 0; i < 8; i++) {
            file[i] = (byte) (length >>> 8 * i);
        }
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("header claims");
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] file = SafetensorsBytes.tinyLlama().bytes();
        for (int length = 0; length < file.length; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> open(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(ModelException.class);
        }
    }

    @Test
    void changedBytesNeverDoMoreThanThrowAModelException() {
        long seed = System.nanoTime();
        System.out.println("SafetensorsTest seed " + seed);
        Random random = new Random(seed);
        byte[] file = SafetensorsBytes.tinyLlama().bytes();
        int header = SafetensorsBytes.tinyLlama().header().length() + 8;
        int refused = 0;
        for (int round = 0; round < 2000; round++) {
            byte[] changed = file.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                changed[random.nextInt(header)] =
                        (byte)
                                (random.nextBoolean()
                                        ? random.nextInt(256)
                                        : "0123456789,[]{}\"".charAt(random.nextInt(16)));
            }
            try {
                open(changed);
            } catch (ModelException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }
}
