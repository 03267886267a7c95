package dev.cairn.engine.models.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceArchitectureTest {

    private static final String SIZES =
            "\"hidden_size\": 64, \"intermediate_size\": 160, \"num_hidden_layers\": 7, \"vocab_size\": 1200,"
                    + " \"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"max_position_embeddings\": 1024";

    private static ModelArchitecture read(String type, String rest) {
        String json =
                "{\"model_type\": \""
                        + type
                        + "\", "
                        + SIZES
                        + (rest.isEmpty() ? "" : ", " + rest)
                        + "}";
        return HuggingFaceArchitecture.read(
                new ConfigObject("config.json", (JsonObject) JsonReader.read(json)));
    }

    @Test
    void bothLayoutsOfRopeAreTheSame() {
        String scaling =
                "\"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 64";
        assertThat(
                        read(
                                "llama",
                                "\"rope_theta\": 500000.0, \"rope_scaling\": {\"rope_type\": \"llama3\", "
                                        + scaling
                                        + "}"))
                .isEqualTo(
                        read(
                                "llama",
                                "\"rope_parameters\": {\"rope_type\": \"llama3\", \"rope_theta\": 500000.0, "
                                        + scaling
                                        + "}"));
        assertThat(read("llama", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4.0}"))
                .isEqualTo(
                        read(
                                "llama",
                                "\"rope_parameters\": {\"rope_type\": \"linear\", \"rope_theta\": 10000.0, \"factor\": 4.0}"));
        assertThat(read("qwen2", "\"rope_theta\": 1e6"))
                .isEqualTo(
                        read(
                                "qwen2",
                                "\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 1000000}"));
    }

    @Test
    void bothLayoutsOfGemma3AreTheSame() {
        String common = "\"head_dim\": 32, \"sliding_window\": 32, \"query_pre_attn_scalar\": 32, ";
        ModelArchitecture old =
                read(
                        "gemma3_text",
                        common
                                + "\"rope_theta\": 1e6, \"rope_local_base_freq\": 1e4, \"sliding_window_pattern\": 6,"
                                + " \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 8.0}");
        String sliding = "\"sliding_attention\", ".repeat(5);
        ModelArchitecture current =
                read(
                        "gemma3_text",
                        common
                                + "\"layer_types\": ["
                                + sliding
                                + "\"full_attention\", \"sliding_attention\"], \"rope_parameters\":"
                                + " {\"full_attention\": {\"rope_type\": \"linear\", \"rope_theta\": 1000000.0, \"factor\": 8.0},"
                                + " \"sliding_attention\": {\"rope_type\": \"default\", \"rope_theta\": 10000.0}}");
        assertThat(old).isEqualTo(current);
        assertThat(old.layers().get(0).attention().window()).isEqualTo(OptionalInt.of(32));
        assertThat(old.layers().get(5).attention().window()).isEmpty();
        assertThat(old.layers().get(5).attention().rotary().variant()).isEqualTo("linear");
        assertThat(old.layers().get(6).attention().rotary().variant()).isEqualTo("default");
        assertThat(old.embeddingScale()).isEqualTo(8);
        assertThat(old.postNorms()).isTrue();
        assertThat(old.tiedEmbeddings()).isTrue();
    }

    @Test
    void textModelsInsideModelsOfTextAndImagesAreFound() {
        String json =
                "{\"model_type\": \"gemma3\", \"text_config\": {\"model_type\": \"gemma3_text\", "
                        + SIZES
                        + ", \"head_dim\": 32}}";
        ModelArchitecture nested =
                HuggingFaceArchitecture.read(
                        new ConfigObject("config.json", (JsonObject) JsonReader.read(json)));
        assertThat(nested).isEqualTo(read("gemma3_text", "\"head_dim\": 32"));
    }

    @Test
    void familiesDifferWhereTheyShould() {
        assertThat(read("qwen2", "").layers().getFirst().attention().bias()).isTrue();
        assertThat(read("qwen2", "").layers().getFirst().attention().outputBias()).isFalse();
        assertThat(read("qwen3", "").layers().getFirst().attention().queryKeyNorm()).isTrue();
        assertThat(read("qwen3", "").layers().getFirst().attention().headSize()).isEqualTo(128);
        assertThat(
                        read("llama", "\"attention_bias\": true")
                                .layers()
                                .getFirst()
                                .attention()
                                .outputBias())
                .isTrue();
        assertThat(
                        read("mixtral", "\"num_local_experts\": 4, \"num_experts_per_tok\": 2")
                                .layers()
                                .getFirst()
                                .feedForward())
                .isInstanceOf(FeedForwardArchitecture.Experts.class);
        assertThat(
                        read(
                                        "qwen2",
                                        "\"use_sliding_window\": true, \"sliding_window\": 8, \"max_window_layers\": 5")
                                .layers())
                .extracting(layer -> layer.attention().window().isPresent())
                .containsExactly(false, false, false, false, false, true, true);
        assertThat(read("qwen2", "\"use_sliding_window\": false, \"sliding_window\": 8").layers())
                .allMatch(layer -> layer.attention().window().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    phi3   |                                                        |model type "phi3" is not served yet; served are llama
                    mistral|                                                        |model type "mistral" is not served yet
                    qwen3_moe|                                                      |model type "qwen3_moe" is not served yet
                    llama  |"rope_scaling": {"type": "yarn", "factor": 4.0}         |rope type "yarn" is not served yet; served are default, linear and llama3
                    llama  |"rope_scaling": {"rope_type": "linear"}                 |factor must be a number above 0
                    llama  |"rope_scaling": {"rope_type": "llama3", "factor": 8}    |llama3 scaling with factor
                    llama  |"quantization_config": {"quant_method": "gptq"}         |quantised by "gptq"
                    llama  |"hidden_act": "relu"                                    |hidden_act "relu" is not served yet
                    llama  |"mlp_bias": true                                        |mlp_bias true is not served yet
                    llama  |"head_dim": 7                                           |head_dim must be an even number
                    llama  |"rms_norm_eps": 0                                       |rms_norm_eps must be a number above 0
                    llama  |"rms_norm_eps": 1e999                                   |rms_norm_eps must be a finite number
                    llama  |"rope_theta": -1                                        |rope_theta must be a number above 0
                    llama  |"partial_rotary_factor": 3.0                            |partial_rotary_factor 3.0
                    gemma3_text|"layer_types": ["full_attention"]                   |layer_types must be a list of 7 types
                    gemma3_text|"use_bidirectional_attention": true                 |use_bidirectional_attention true is not served
                    """)
    void whatIsNotServedIsRefusedByName(String type, String rest, String words) {
        assertThatThrownBy(() -> read(type, rest == null ? "" : rest))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource({"0", "-4", "2147483648", "1e300", "true", "\"64\"", "4.5"})
    void sizesAreChecked(String value) {
        String json =
                "{\"model_type\": \"llama\", "
                        + SIZES.replace("\"hidden_size\": 64", "\"hidden_size\": " + value)
                        + "}";
        assertThatThrownBy(
                        () ->
                                HuggingFaceArchitecture.read(
                                        new ConfigObject(
                                                "config.json", (JsonObject) JsonReader.read(json))))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(
                        "config.json: hidden_size must be an integer in [1, 1048576], got ");
    }
}
