package dev.cairn.distribution.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.distribution.bench.client.Streamed.TokenUsage;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerChunkTest {

    @Test
    void theChunkWithTheRoleSaysNothing() throws IOException {
        AnswerChunk chunk =
                AnswerChunk.read(
                        """
                        {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":null}
                        """);
        assertThat(chunk.speaks()).isFalse();
        assertThat(chunk.usage()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}",
                "{\"choices\":[{\"delta\":{\"content\":null,\"reasoning_content\":\"x\"}}]}",
                "{\"choices\":[{\"delta\":{\"reasoning\":\"x\"}}]}",
                "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}",
                "{\"choices\":[{\"text\":\"x\"}]}"
            })
    void whateverWasGeneratedCounts(String event) throws IOException {
        assertThat(AnswerChunk.read(event).speaks()).isTrue();
    }

    @Test
    void usageIsReadWithAndWithoutCachedTokens() throws IOException {
        assertThat(
                        AnswerChunk.read(
                                        """
                                        {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,
                                         "prompt_tokens_details":{"cached_tokens":4}}}
                                        """)
                                .usage())
                .contains(new TokenUsage(7, 3, Optional.of(4L)));
        assertThat(
                        AnswerChunk.read(
                                        "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,"
                                                + "\"prompt_tokens_details\":null}}")
                                .usage())
                .contains(new TokenUsage(7, 3, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"message\":\"no room\",\"type\":\"x\"}}",
                "{\"error\":\"no room\"}",
                "{\"object\":\"error\",\"message\":\"no room\"}"
            })
    void anErrorWithinAStreamIsFound(String event) throws IOException {
        assertThat(AnswerChunk.read(event).error()).contains("no room");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "nonsense"})
    void whatIsNoChunkIsRefused(String event) {
        assertThatThrownBy(() -> AnswerChunk.read(event)).isInstanceOf(IOException.class);
    }
}
