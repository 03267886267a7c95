package dev.cairn.distribution.chat;

import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.function.Consumer;

/**
 * Who answers.
 *
 * <p>Threads: one, except {@link #abort}.
 */
public interface ChatPartner {

    /** The model that answers. */
    String model();

    /**
     * Answers a conversation; waits until the answer is complete or aborted.
     *
     * @param messages OpenAI messages, the user's last
     * @param text gets the answer piece by piece, whole characters only
     * @throws ChatException if there is no answer
     */
    void answer(List<JsonObject> messages, Consumer<String> text);

    /** Ends the answer that is being made, if one is. Any thread; does not wait. */
    void abort();

    /** No answer; the message is for the user. */
    final class ChatException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public ChatException(String message) {
            super(message);
        }

        public ChatException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
