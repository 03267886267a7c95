package dev.cairn.ports.model;

import dev.cairn.ports.system.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Text to tokens and back, and conversations to prompts. Loaded without weights, so that a router
 * has it too.
 *
 * <p>Threads: safe for concurrent use; calls compute and never wait for I/O. Deterministic.
 */
public interface TextCodec {

    /**
     * Number of token ids that {@link #tokenBytes} knows; may be below the model's padded
     * vocabulary size.
     */
    int vocabularySize();

    /**
     * Encodes text.
     *
     * @param addSpecialTokens whether begin/end tokens are added as the tokenizer's post-processor
     *     wants
     */
    int[] encode(String text, boolean addSpecialTokens);

    /**
     * Encodes two texts as one input of an encoder, special tokens included. A tokenizer that has
     * no form for pairs puts one behind the other.
     */
    default TokenPair encodePair(String first, String second) {
        int[] one = encode(first, false);
        int[] two = encode(second, false);
        int[] ids = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, ids, one.length, two.length);
        int[] texts = new int[ids.length];
        Arrays.fill(texts, one.length, ids.length, 1);
        return new TokenPair(ids, texts.clone(), texts);
    }

    /**
     * Decodes as the reference tokenizer does, replacement characters for broken UTF-8 included.
     */
    String decode(int[] ids, boolean skipSpecialTokens);

    /**
     * The raw bytes that a token stands for in running text, for incremental detokenization,
     * grammars and log-probability reports. A token's bytes need not be valid UTF-8 by themselves.
     * Special tokens give the bytes of their name.
     *
     * @return a fresh or shared array that must not be changed; empty for ids without text (padding
     *     of the vocabulary)
     */
    byte[] tokenBytes(int id);

    /**
     * The token as the vocabulary writes it, for {@code return_token_strs}: for example {@code
     * "Ġhello"}.
     */
    String tokenName(int id);

    /** Whether {@code skipSpecialTokens} drops the token. */
    boolean isSpecial(int id);

    /**
     * Whether a decoded text loses one leading space, as SentencePiece-style tokenizers do at the
     * start of a text: incremental detokenization must drop it for the first token only.
     */
    boolean stripsLeadingSpace();

    /**
     * Tokens that end an answer by the tokenizer's own word, before {@code generation_config.json}
     * is asked.
     */
    List<Integer> endOfSequenceIds();

    /** The model's own chat template, if it has one. */
    Optional<String> chatTemplate();

    /**
     * Renders a conversation to prompt text with the model's chat template.
     *
     * @throws TemplateException if there is no template, it is malformed, or it refuses the
     *     conversation
     */
    String render(Conversation conversation);

    /**
     * A conversation as clients send it.
     *
     * @param messages OpenAI messages, each an object with {@code role} and {@code content}
     *     (string, list of parts or null), {@code tool_calls} whose {@code arguments} may be a JSON
     *     string; passed on unjudged
     * @param tools OpenAI tool definitions, empty if none
     * @param addGenerationPrompt whether the prompt ends with the start of an assistant's turn
     * @param continueFinalMessage whether the last message is left open to be continued; excludes
     *     the former
     * @param arguments {@code chat_template_kwargs}: extra variables of the template
     * @param template overrides the model's template
     */
    record Conversation(
            List<JsonValue.JsonObject> messages,
            List<JsonValue> tools,
            boolean addGenerationPrompt,
            boolean continueFinalMessage,
            JsonValue.JsonObject arguments,
            Optional<String> template) {

        public Conversation {
            messages = List.copyOf(messages);
            tools = List.copyOf(tools);
        }
    }

    /**
     * A conversation that the template refuses or cannot render: the client's error, worded for the
     * client.
     */
    final class TemplateException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public TemplateException(String message) {
            super(message);
        }

        public TemplateException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
