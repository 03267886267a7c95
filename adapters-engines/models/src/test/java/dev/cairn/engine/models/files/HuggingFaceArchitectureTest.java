package dev.cairn.engine.models.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.RotaryEncoding;
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

    @Test
    void windowsAreWhereTheFamilyHasThem() {
        assertThat(read("mistral", "").layers())
                .allMatch(layer -> layer.attention().window().equals(OptionalInt.of(4096)));
        assertThat(read("mistral", "\"sliding_window\": null").layers())
                .allMatch(layer -> layer.attention().window().isEmpty());
        assertThat(read("phi3", "\"sliding_window\": 9").layers())
                .allMatch(layer -> layer.attention().window().equals(OptionalInt.of(9)));
        assertThat(read("gemma2", "\"head_dim\": 32, \"sliding_window\": 9").layers())
                .extracting(layer -> layer.attention().window().isPresent())
                .containsExactly(true, false, true, false, true, false, true);
    }

    @Test
    void gemma2HasItsCapsAndScaleEvenWhereTheFileIsSilent() {
        ModelArchitecture silent = read("gemma2", "\"query_pre_attn_scalar\": 64");
        assertThat(silent.finalLogitSoftcap()).hasValue(30);
        assertThat(silent.layers().getFirst().attention().scoreSoftcap()).hasValue(50);
        assertThat(silent.layers().getFirst().attention().scale()).isEqualTo(0.125f);
        ModelArchitecture without =
                read(
                        "gemma2",
                        "\"final_logit_softcapping\": null, \"attn_logit_softcapping\": null");
        assertThat(without.finalLogitSoftcap()).isEmpty();
        assertThat(without.layers().getFirst().attention().scoreSoftcap()).isEmpty();
    }

    @Test
    void denseLayersOfQwen3MoeAreThoseThatItNames() {
        ModelArchitecture model =
                read(
                        "qwen3_moe",
                        "\"num_experts\": 8, \"num_experts_per_tok\": 2, \"moe_intermediate_size\": 40,"
                                + " \"decoder_sparse_step\": 2, \"mlp_only_layers\": [3]");
        assertThat(model.layers())
                .extracting(layer -> layer.feedForward().intermediateSize())
                .containsExactly(160, 40, 160, 160, 160, 40, 160);
        assertThat(model.layers().get(1).feedForward())
                .isEqualTo(
                        new FeedForwardArchitecture.Experts(
                                8, 2, false, 40, FeedForwardArchitecture.Activation.SILU));
    }

    /**
     * Values of {@code ROPE_INIT_FUNCTIONS["yarn"]} of transformers 5.23 for the same parameters.
     */
    @Test
    void yarnIsTransformers() {
        RotaryEncoding yarn =
                read(
                                "qwen2",
                                "\"rope_theta\": 1e6, \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4.0,"
                                        + " \"original_max_position_embeddings\": 128}")
                        .layers()
                        .getFirst()
                        .attention()
                        .rotary();
        assertThat(yarn.variant()).isEqualTo("yarn");
        assertThat(yarn.magnitude()).isCloseTo(1.138629436f, withPercentage(1e-4));
        assertClose(
                yarn.inverseFrequencies(),
                1.0,
                0.11114246398210526,
                0.007905694656074047,
                0.0014058533124625683,
                0.0002500000118743628,
                4.4456985051510856e-05,
                7.905693564680405e-06,
                1.405853367941745e-06);
    }

    @Test
    void phi3HasTwoSetsOfFrequencies() {
        RotaryEncoding rotary =
                read(
                                "phi3",
                                "\"original_max_position_embeddings\": 128, \"partial_rotary_factor\": 0.5,"
                                        + " \"rope_scaling\": {\"type\": \"su\", \"short_factor\": [1, 1, 1, 2],"
                                        + " \"long_factor\": [2, 2, 4, 4]}")
                        .layers()
                        .getFirst()
                        .attention()
                        .rotary();
        assertThat(rotary.variant()).isEqualTo("longrope");
        assertThat(rotary.rotated()).isEqualTo(8);
        // the root of 1 + ln 8 / ln 128
        assertThat(rotary.magnitude()).isCloseTo(1.1952286f, withPercentage(1e-4));
        assertClose(rotary.inverseFrequencies(), 1, 0.1, 0.01, 0.0005);
        assertThat(rotary.beyond().orElseThrow().positions()).isEqualTo(128);
        assertClose(rotary.extended().inverseFrequencies(), 0.5, 0.05, 0.0025, 0.00025);
    }

    private static void assertClose(float[] found, double... wanted) {
        assertThat(found).hasSize(wanted.length);
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i]).isCloseTo(wanted[i], withPercentage(1e-4));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    gpt2   |                                                        |model type "gpt2" is not served; served are llama, mistral
                    llama  |"rope_scaling": {"type": "dynamic", "factor": 4.0}      |rope type "dynamic" is not served; served are default, linear, llama3, yarn and longrope
                    phi3   |"rope_scaling": {"type": "longrope", "short_factor": [1]}|short_factor must be a list of 8 numbers above 0
                    qwen2  |"rope_scaling": {"type": "yarn", "factor": -4}          |factor must be a number above 0
                    llama  |"rope_scaling": {"rope_type": "linear"}                 |factor must be a number above 0
                    llama  |"rope_scaling": {"rope_type": "llama3", "factor": 8}    |llama3 scaling with factor
                    llama  |"hidden_act": "relu"                                    |hidden_act "relu" is not served
                    llama  |"mlp_bias": true                                        |mlp_bias true is not served
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
