package dev.cairn.engine.models.tokenizer;

import dev.cairn.ports.model.TokenPair;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A tokenizer of the native library with the vocabulary that was read beside it. */
final class LoadedTokenizer implements Tokenizer {

    private final NativeTokenizer tokenizer;
    private final Vocabulary vocabulary;
    private final SpecialTokens added;
    private final List<Integer> ends;
    private final Map<String, String> specialTokens;

    LoadedTokenizer(
            NativeTokenizer tokenizer,
            Vocabulary vocabulary,
            SpecialTokens added,
            List<Integer> ends,
            Map<String, String> specialTokens) {
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
        this.added = added;
        this.ends = List.copyOf(ends);
        this.specialTokens = Map.copyOf(specialTokens);
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        int[] ids = tokenizer.encode(text);
        return addSpecialTokens ? added.around(ids) : ids;
    }

    @Override
    public Optional<TokenPair> encodePair(String first, String second) {
        return Optional.of(tokenizer.encodePair(first, second));
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        // The library stops at an id that it lacks; a model's padded vocabulary has some.
        return tokenizer.decode(
                Arrays.stream(ids).filter(vocabulary::has).toArray(), skipSpecialTokens);
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public List<Integer> endOfSequenceIds() {
        return ends;
    }

    @Override
    public Map<String, String> specialTokens() {
        return specialTokens;
    }
}
