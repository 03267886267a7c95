package dev.cairn.distribution.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ChatSessionTest {

    private final Echo echo = new Echo();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void everyTurnSeesTheWholeConversation() {
        assertThat(talk("one\ntwo\n")).isTrue();

        assertThat(echo.asked)
                .containsExactly(
                        List.of("system: be short", "user: one"),
                        List.of("system: be short", "user: one", "assistant: <one>", "user: two"));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("<one>\n<two>\n");
    }

    @Test
    void resetForgetsAndExitEnds() {
        assertThat(talk("one\n/reset\ntwo\n/exit\nthree\n")).isTrue();

        assertThat(echo.asked.getLast()).containsExactly("system: be short", "user: two");
    }

    @Test
    void aRefusedQuestionIsToldAndForgotten() {
        assertThat(talk("bad\ngood\n")).isFalse();

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("\ncairn: refused\n<good>\n");
        assertThat(echo.asked.getLast()).containsExactly("system: be short", "user: good");
    }

    private boolean talk(String input) {
        return new ChatSession(
                        echo,
                        Optional.of("be short"),
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        false)
                .run();
    }

    /** Says what it is asked, in two pieces. */
    private static final class Echo implements ChatPartner {

        private final List<List<String>> asked = new ArrayList<>();

        @Override
        public String model() {
            return "echo";
        }

        @Override
        public void answer(List<JsonObject> messages, Consumer<String> text) {
            asked.add(messages.stream().map(Echo::line).toList());
            String question = member(messages.getLast(), "content");
            if (question.equals("bad")) {
                throw new ChatException("refused");
            }
            text.accept("<" + question);
            text.accept(">");
        }

        @Override
        public void abort() {
            asked.clear();
        }

        private static String line(JsonObject message) {
            return member(message, "role") + ": " + member(message, "content");
        }

        private static String member(JsonObject message, String name) {
            return ((JsonValue.JsonString) message.member(name)).value();
        }
    }
}
