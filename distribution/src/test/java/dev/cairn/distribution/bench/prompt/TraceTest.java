package dev.cairn.distribution.bench.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.distribution.bench.prompt.Trace.BadTraceException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {

    private static final String GOOD =
            """
            {"timestamp": 1000, "input_length": 1100, "output_length": 5, "hash_ids": [0, 1, 2]}

            {"timestamp": 1000, "input_length": 1500, "output_length": 7, "hash_ids": [0, 1, 3]}
            {"timestamp": 4500, "input_length": 100, "output_length": 1, "hash_ids": [9]}
            """;

    private final CountedWords tokens = new CountedWords();
    private final PromptWriter writer = new PromptWriter(Api.COMPLETIONS, tokens);

    @Test
    void promptsBeginAlikeWhereTheirIdsDo() throws IOException {
        List<Session> sessions = read(GOOD, 100).sessions(writer, 1, 4);
        String first = content(sessions.get(0));
        String second = content(sessions.get(1));
        int alike = 0;
        while (alike < first.length() && first.charAt(alike) == second.charAt(alike)) {
            alike++;
        }
        assertThat(tokens.text(first.substring(0, alike))).isBetween(1024, 1030);
        assertThat(content(sessions.get(2)).substring(0, 30)).isNotEqualTo(first.substring(0, 30));
    }

    @Test
    void lengthsAndTimesAreTheTracesFromItsBegin() throws IOException {
        List<Session> sessions = read(GOOD, 100).sessions(writer, 1, 4);
        assertThat(sessions.stream().map(Session::dueMillis)).containsExactly(0L, 0L, 3500L);
        assertThat(sessions.stream().map(each -> each.turns().getFirst().promptTokens()))
                .containsExactly(1100, 1500, 100);
        assertThat(sessions.stream().map(each -> each.turns().getFirst().outputTokens()))
                .containsExactly(5, 7, 1);
    }

    @Test
    void lengthsCanBeScaled() throws IOException {
        List<Session> sessions = read(GOOD, 2).sessions(writer, 0.1, 4);
        assertThat(sessions.stream().map(each -> each.turns().getFirst().promptTokens()))
                .containsExactly(110, 150);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "nonsense|unknown word",
                "[1]|is no JSON object",
                "{\"timestamp\":0}|input_length must be a number",
                "{\"timestamp\":-1,\"input_length\":5,\"output_length\":5,\"hash_ids\":[1]}|timestamp must be from 0",
                "{\"timestamp\":0,\"input_length\":0,\"output_length\":5,\"hash_ids\":[]}|input_length must be from 1",
                "{\"timestamp\":0,\"input_length\":2.5,\"output_length\":5,\"hash_ids\":[1]}|input_length must be a whole number, got 2.5",
                "{\"timestamp\":0,\"input_length\":600,\"output_length\":5,\"hash_ids\":[1]}|600 has 2 blocks of 512 tokens, hash_ids names 1",
                "{\"timestamp\":0,\"input_length\":5,\"output_length\":5,\"hash_ids\":[\"a\"]}|hash_ids must be a list of whole numbers",
                "{\"timestamp\":0,\"input_length\":5,\"output_length\":5}|hash_ids must be a list"
            })
    void aBadLineIsNamed(String line, String message) {
        String trace = GOOD + line + "\n";
        assertThatThrownBy(() -> read(trace, 100))
                .isInstanceOf(BadTraceException.class)
                .hasMessageStartingWith("file.jsonl line 5: ")
                .hasMessageContaining(message);
    }

    @Test
    void anEmptyTraceIsRefused() {
        assertThatThrownBy(() -> read("\n\n", 100)).hasMessage("file.jsonl has no requests");
    }

    private static Trace read(String text, int most) throws IOException {
        return Trace.read(new BufferedReader(new StringReader(text)), "file.jsonl", most);
    }

    private static String content(Session session) {
        return session.turns().getFirst().messages().getFirst().content();
    }
}
