package dev.cairn.storage.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubIdTest {

    @Test
    void theFormsOfANameAreRead() {
        assertThat(HubId.parse("Qwen/Qwen2.5-0.5B-Instruct"))
                .isEqualTo(new HubId("Qwen", "Qwen2.5-0.5B-Instruct", Optional.empty(), "main"));
        assertThat(HubId.parse("org/name@refs/pr/3").revision()).isEqualTo("refs/pr/3");
        assertThat(HubId.parse("org/name/sub/M-Q8_0.gguf@v1"))
                .isEqualTo(new HubId("org", "name", Optional.of("sub/M-Q8_0.gguf"), "v1"))
                .hasToString("org/name/sub/M-Q8_0.gguf@v1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name",
                "/models/llama",
                "./org/name",
                "../org/name",
                "org/../name",
                "org/name/more",
                "org/name@",
                "org/name@a/../b",
                "org//name",
                "dummy:llama-3.2-1b",
                "org/na me",
                "~/org"
            })
    void whatIsNoNameIsLeftAlone(String text) {
        assertThat(HubId.recognises(text)).isFalse();
    }
}
