package dev.cairn.engine.models.tokenizer;

import dev.cairn.ports.model.TokenPair;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tokenizer with its vocabulary.
 *
 * <p>Threads: safe for concurrent use.
 */
public interface Tokenizer {

    /** Ids of a text; unpaired surrogates count as replacement characters. */
    int[] encode(String text, boolean addSpecialTokens);

    /** Two texts as one input, special tokens included; empty = it knows nothing of pairs. */
    default Optional<TokenPair> encodePair(String first, String second) {
        return Optional.empty();
    }

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
