package dev.cairn.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.remote.BodyCheck.Checked;
import dev.cairn.ports.request.RequestRefused;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which bodies go on, and what is said of the others. */
class BodyCheckTest {

    private final BodyCheck check = new BodyCheck(64);

    @Test
    void aSoundBodyIsUnderstood() {
        Checked checked =
                check(
                        "/v1/chat/completions",
                        "{\"stream\":true,\"messages\":[{\"role\":\"user\"}],\"model\":\"m\\/x\",\"tools\":[{}]}");
        assertThat(checked.model()).isEqualTo("m/x");
        assertThat(checked.streams()).isTrue();
        assertThat(checked.prompt().stream().map(BodyCheckTest::text))
                .containsExactly("[{}]", "[{\"role\":\"user\"}]");
        assertThat(check("/v1/completions", "{\"prompt\":[1,2]}").model()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/v1/chat/completions | {\"model\":\"m\"}                          | messages",
                "/v1/chat/completions | {\"model\":1,\"messages\":[{}]}            | model",
                "/v1/chat/completions | {\"model\":\"\",\"messages\":[{}]}         | model",
                "/v1/chat/completions | {\"messages\":\"x\"}                       | messages",
                "/v1/chat/completions | {\"messages\":[]}                          | messages",
                "/v1/chat/completions | {\"messages\":[\"x\"]}                     | messages",
                "/v1/chat/completions | {\"messages\":null}                        | messages",
                "/v1/chat/completions | {\"messages\":[{}],\"stream\":\"yes\"}     | stream",
                "/v1/chat/completions | {\"messages\":[{}],\"max_tokens\":1.5}     | max_tokens",
                "/v1/chat/completions | {\"messages\":[{}],\"max_tokens\":-1}      | max_tokens",
                "/v1/chat/completions | {\"messages\":[{}],\"n\":0}                | n",
                "/v1/chat/completions | {\"messages\":[{}],\"temperature\":\"1\"}  | temperature",
                "/v1/chat/completions | {\"messages\":[{}],\"tools\":{}}           | tools",
                "/v1/chat/completions | {\"messages\":[{}],\"mess\\u0061ges\":[{}]} | messages",
                "/v1/completions      | {\"model\":\"m\"}                          | prompt",
                "/v1/completions      | {\"prompt\":5}                             | prompt",
                "/v1/embeddings       | {\"input\":{}}                             | input",
                "/v1/rerank           | {\"documents\":[]}                         | query"
            })
    void theFieldAtFaultIsNamed(String path, String body, String field) {
        assertThatThrownBy(() -> check(path, body))
                .isInstanceOfSatisfying(
                        RequestRefused.class,
                        refused -> {
                            assertThat(refused.problem().parameter()).contains(field);
                            assertThat(refused.problem().message()).contains(field);
                        });
    }

    private Checked check(String path, String body) {
        return check.check(
                RelayedPath.of(path).orElseThrow(),
                MemorySegment.ofArray(body.getBytes(StandardCharsets.UTF_8)),
                false);
    }

    private static String text(MemorySegment part) {
        return new String(part.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
