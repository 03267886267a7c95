package dev.cairn.engine.models.tokenizer;

import java.util.List;
import java.util.Map;

/**
 * A tokenizer with its vocabulary.
 *
 * <p>Threads: safe for concurrent use.
 */
public interface Tokenizer {

    /** Ids of a text; unpaired surrogates count as replacement characters. */
    int[] encode(String text, boolean addSpecialTokens);

    /**
     * Text of ids, with replacement characters for broken UTF-8; ids that the vocabulary lacks give
     * nothing.
     */
    String decode(int[] ids, boolean skipSpecialTokens);

    Vocabulary vocabulary();

    /** Tokens that end a text by the tokenizer's own configuration. */
    List<Integer> endOfSequenceIds();

    /** Names of special tokens as templates see them: {@code "bos_token"} to {@code "<s>"}. */
    Map<String, String> specialTokens();
}
