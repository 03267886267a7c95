package dev.cairn.ports.request;

import dev.cairn.ports.model.TextCodec;

/** What a client wants to be continued or answered. */
public sealed interface Prompt {

    /**
     * @param addSpecialTokens whether begin tokens are added
     */
    record Text(String text, boolean addSpecialTokens) implements Prompt {}

    /** Token ids, taken as they are. The array is not copied; nobody changes it. */
    record TokenIds(int[] ids) implements Prompt {}

    /**
     * A conversation, rendered by the model's chat template.
     *
     * @param addSpecialTokens whether begin tokens are added to what the template gave, which
     *     mostly has them
     */
    record Chat(TextCodec.Conversation conversation, boolean addSpecialTokens) implements Prompt {}
}
