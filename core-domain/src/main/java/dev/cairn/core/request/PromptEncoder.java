package dev.cairn.core.request;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/** Renders and encodes what a client sent, and checks that it fits the model. */
final class PromptEncoder {

    /** A text with more characters per token that fits is looked at in part first. */
    private static final int ORDINARY_CHARACTERS = 16;

    /** Tokens that a cut through a text may add to what comes before it, and more. */
    private static final int CUT = 64;

    private PromptEncoder() {}

    /**
     * The whole prompt, however long it is.
     *
     * @throws RequestRefused if the template refuses the conversation
     */
    static int[] encode(TextCodec codec, Prompt prompt) {
        return switch (prompt) {
            case Prompt.Text(var text, var special) -> codec.encode(text, special);
            case Prompt.TokenIds(var ids) -> ids;
            case Prompt.Chat(var conversation, var special) ->
                    codec.encode(render(codec, conversation), special);
        };
    }

    /**
     * The prompt; but a text whose beginning alone has too many tokens is refused by its beginning,
     * so that a request which cannot be served costs no more than one that can.
     *
     * @param field that the prompt came in
     * @param maxLength most tokens that could be of use
     */
    static int[] encode(TextCodec codec, Prompt prompt, String field, int maxLength) {
        return switch (prompt) {
            case Prompt.Text(var text, var special) ->
                    encode(codec, text, special, field, maxLength);
            case Prompt.TokenIds(var ids) -> ids;
            case Prompt.Chat(var conversation, var special) ->
                    encode(codec, render(codec, conversation), special, field, maxLength);
        };
    }

    private static int[] encode(
            TextCodec codec, String text, boolean special, String field, int maxLength) {
        demandShort(codec, text, special, field, maxLength);
        return codec.encode(text, special);
    }

    /**
     * Looks at the beginning of a text that is longer than ordinary ones.
     *
     * @throws RequestRefused if that alone has too many tokens
     */
    static void demandShort(
            TextCodec codec, String text, boolean special, String field, int maxLength) {
        long part = (long) ORDINARY_CHARACTERS * maxLength;
        while (part < text.length()) {
            int cut = (int) part;
            int end = Character.isLowSurrogate(text.charAt(cut)) ? cut - 1 : cut;
            int length = codec.encode(text.substring(0, end), special).length;
            if (length > maxLength + CUT) {
                throw tooLong(
                        field,
                        "this model's maximum context length is "
                                + maxLength
                                + " tokens, but "
                                + field
                                + " has more: its first "
                                + end
                                + " characters alone have "
                                + length
                                + "; shorten it");
            }
            part *= 4;
        }
    }

    private static String render(TextCodec codec, TextCodec.Conversation conversation) {
        try {
            return codec.render(conversation);
        } catch (TextCodec.TemplateException e) {
            throw Field.refused("messages", e.getMessage());
        }
    }

    /** The field of the API that a prompt came in. */
    static String field(Prompt prompt) {
        return prompt instanceof Prompt.Chat ? "messages" : "prompt";
    }

    /**
     * The prompt of a generation: encoded, cut to {@code truncate_prompt_tokens}, and short enough
     * for the answer that is asked for.
     *
     * @param maxLength most tokens of prompt and answer together
     */
    static int[] promptOf(GenerationCall call, TextCodec codec, int vocabulary, int maxLength) {
        String field = field(call.prompt());
        int[] ids =
                call.truncatePromptTokens().isPresent()
                        ? truncate(call, encode(codec, call.prompt()), maxLength)
                        : encode(codec, call.prompt(), field, maxLength);
        if (ids.length == 0) {
            throw Field.refused(field, field + " must have at least one token");
        }
        if (call.prompt() instanceof Prompt.TokenIds) {
            for (int id : ids) {
                Field.tokenId(field, id, vocabulary);
            }
        }
        if (ids.length >= maxLength) {
            throw tooLong(
                    field,
                    "this model's maximum context length is "
                            + maxLength
                            + " tokens, but "
                            + field
                            + " has "
                            + ids.length
                            + " and the answer needs at least 1; shorten it");
        }
        if (call.maxTokens().isPresent() && call.maxTokens().getAsInt() > maxLength - ids.length) {
            throw tooLong(
                    "max_tokens",
                    "this model's maximum context length is "
                            + maxLength
                            + " tokens, but "
                            + (ids.length + (long) call.maxTokens().getAsInt())
                            + " were asked for ("
                            + ids.length
                            + " in "
                            + field
                            + ", "
                            + call.maxTokens().getAsInt()
                            + " by max_tokens); shorten one of them");
        }
        return ids;
    }

    private static int[] truncate(GenerationCall call, int[] ids, int maxLength) {
        int keep = call.truncatePromptTokens().getAsInt();
        // vLLM reads -1 as the model's length; the answer's first token has to fit, too.
        if (keep == -1) {
            keep = maxLength - call.maxTokens().orElse(1);
        }
        Field.check(
                keep >= 1 && keep <= maxLength,
                "truncate_prompt_tokens",
                "be -1 or from 1 to " + maxLength,
                keep);
        return ids.length <= keep ? ids : Arrays.copyOfRange(ids, ids.length - keep, ids.length);
    }

    static RequestRefused longerThan(int longest, String field, int tokens) {
        return tooLong(
                field,
                "this model's maximum context length is %d tokens, but %s has %d; shorten it"
                        .formatted(longest, field, tokens));
    }

    static RequestRefused tooLong(String field, String message) {
        return new RequestRefused(
                new RequestProblem(
                        Category.INVALID,
                        message,
                        Optional.of(field),
                        "context_length_exceeded",
                        OptionalLong.empty()));
    }
}
