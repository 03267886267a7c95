package dev.cairn.distribution.bench.prompt;

import java.util.List;

/** Counts tokens as the server will, or about so. Threads: as the client that it asks through. */
public interface TokenCounter {

    /** Whether the counts are the server's own. */
    boolean exact();

    /** Tokens of a text within a prompt, without any that the tokenizer puts around a prompt. */
    int text(String text);

    /** Tokens of a whole prompt, as the API makes it of messages. */
    int prompt(Api api, List<Message> messages);
}
