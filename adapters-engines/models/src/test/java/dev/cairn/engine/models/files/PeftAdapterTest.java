package dev.cairn.engine.models.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftAdapterTest {

    private static final String QUERY = "base_model.model.model.layers.0.self_attn.q_proj";
    private static final String DOWN = "base_model.model.model.layers.0.mlp.down_proj";

    @TempDir Path folder;

    @Test
    void findsThePairsOfEveryModule() throws IOException {
        AdapterArtifact adapter = open("", good());
        assertThat(adapter.rank()).isEqualTo(3);
        AdapterArtifact.Pair query = adapter.pair(WeightRole.QUERY, 0).orElseThrow();
        assertThat(query.down().rows()).isEqualTo(2);
        assertThat(query.down().columns()).isEqualTo(8);
        assertThat(query.up().rows()).isEqualTo(8);
        assertThat(query.scale()).isEqualTo(2f);
        assertThat(adapter.pair(WeightRole.DOWN, 0).orElseThrow().down().columns()).isEqualTo(12);
        assertThat(adapter.pair(WeightRole.KEY, 0)).isEmpty();
        assertThat(adapter.digest()).matches("[0-9a-f]{64}");
    }

    @Test
    void aRankStabilisedAdapterIsScaledByTheRootOfItsRank() throws IOException {
        assertThat(
                        open("\"use_rslora\": true,", good())
                                .pair(WeightRole.QUERY, 0)
                                .orElseThrow()
                                .scale())
                .isEqualTo((float) (4 / Math.sqrt(2)));
    }

    @Test
    void theDigestIsThatOfTheContent() throws IOException {
        String first = open("", good()).digest();
        assertThat(open("", good()).digest()).isEqualTo(first);
        assertThat(open("\"use_rslora\": true,", good()).digest()).isNotEqualTo(first);
        assertThat(
                        open(
                                        "",
                                        good().without(DOWN + ".lora_A.weight")
                                                .without(DOWN + ".lora_B.weight"))
                                .digest())
                .isNotEqualTo(first);
    }

    @Test
    void aFusedProjectionIsHandedOutPartByPart() throws IOException {
        String name = "base_model.model.model.layers.0.self_attn.qkv_proj";
        AdapterArtifact adapter =
                open(
                        "",
                        new SafetensorsBytes()
                                .float32(name + ".lora_A.weight", 2, 8)
                                .float32(name + ".lora_B.weight", 16, 2));
        assertThat(adapter.pair(WeightRole.QUERY, 0).orElseThrow().up().rows()).isEqualTo(8);
        assertThat(adapter.pair(WeightRole.KEY, 0).orElseThrow().up().rows()).isEqualTo(4);
        assertThat(adapter.pair(WeightRole.VALUE, 0).orElseThrow().up().row(3).byteSize())
                .isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"use_dora\": true| use_dora",
                "\"modules_to_save\": [\"lm_head\"]| modules_to_save",
                "\"bias\": \"all\"| bias",
                "\"lora_bias\": true| lora_bias",
                "\"fan_in_fan_out\": true| fan_in_fan_out",
                "\"rank_pattern\": {\"q_proj\": 4}| rank_pattern",
                "\"alpha_pattern\": {\"q_proj\": 4}| alpha_pattern",
                "\"init_lora_weights\": \"pissa\"| init_lora_weights",
                "\"layer_replication\": [[0, 1]]| layer_replication",
                "\"trainable_token_indices\": [7]| trainable_token_indices",
                "\"something_of_next_year\": 3| something_of_next_year"
            })
    void whatIsNotServedIsRefusedByItsName(String member, String name) {
        assertThatThrownBy(() -> open(member + ",", good()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("adapter_config.json")
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base_model.model.lm_head.lora_A.weight",
                "base_model.model.model.embed_tokens.lora_embedding_A",
                "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector",
                "base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias",
                "base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight",
                "base_model.model.model.layers.0.mlp.experts.0.up_proj.lora_A.weight",
                "base_model.model.model.layers.0.self_attn.strange_proj.lora_A.weight",
                "base_model.model.model.norm.weight"
            })
    void aTensorThatHasNoPlaceIsRefusedByItsName(String name) {
        SafetensorsBytes bytes = good().float32(name, 2, 8);
        if (name.endsWith("lora_A.weight")) {
            bytes.float32(name.replace("lora_A", "lora_B"), 8, 2);
        }
        assertThatThrownBy(() -> open("", bytes))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(name.replaceAll(".*layers.", "").replaceAll("lora_.*", ""));
    }

    @Test
    void shapesThatDoNotMeetTheModelAreRefused() {
        assertThatThrownBy(() -> open("", good().float32(QUERY + ".lora_B.weight", 9, 2)))
                .hasMessageContaining("q_proj.lora_B.weight is [9, 2]")
                .hasMessageContaining("[8, 2]");
        assertThatThrownBy(() -> open("", good().without(DOWN + ".lora_B.weight")))
                .hasMessageContaining("has no lora_B");
    }

    @Test
    void anAdapterThatWasWrittenToIsNotServedAnyMore() throws IOException {
        AdapterArtifact adapter = open("", good());
        adapter.requireUnchanged();
        Files.write(folder.resolve("adapter_model.safetensors"), new byte[] {1});
        assertThatThrownBy(adapter::requireUnchanged).isInstanceOf(ModelException.class);
    }

    private static SafetensorsBytes good() {
        return new SafetensorsBytes()
                .float32(QUERY + ".lora_A.weight", 2, 8)
                .float32(QUERY + ".lora_B.weight", 8, 2)
                .bfloat16(DOWN + ".lora_A.weight", 3, 12)
                .bfloat16(DOWN + ".lora_B.weight", 8, 3);
    }

    private AdapterArtifact open(String members, SafetensorsBytes weights) throws IOException {
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{"
                        + members
                        + "\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 4,"
                        + " \"target_modules\": [\"q_proj\"], \"modules_to_save_\": null}");
        Files.write(folder.resolve("adapter_model.safetensors"), weights.bytes());
        Path config = folder.resolve("config.json");
        Files.writeString(config, SafetensorsBytes.TINY_LLAMA_CONFIG);
        ModelArchitecture architecture =
                HuggingFaceArchitecture.read(ConfigObject.read(config, 1 << 20));
        return PeftAdapter.open(folder, architecture);
    }
}
