package dev.cairn.serving;

import java.io.IOException;
import java.net.URISyntaxException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokens and log-probabilities are those of Hugging Face transformers, for every family and storage
 * that is copied here.
 */
class OracleIT {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama3-rope-llama3",
                "llama-rope-linear",
                "qwen2-bias",
                "qwen3-qknorm",
                "gemma3-local-global",
                "mixtral-moe",
                "gguf-q4_0"
            })
    void answersAreThoseOfTransformers(String name) throws IOException, URISyntaxException {
        Oracle oracle = Oracle.read(name);
        // a step takes 96 tokens, so that the longer prompts come in chunks
        try (LocalCairn cairn = LocalCairn.open(oracle.model(), LocalCairn.exact(512, 96))) {
            oracle.compare(cairn);
        }
    }
}
