package dev.cairn.engine.models.tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** A tokenizer of the native library with the vocabulary that was read beside it. */
final class LoadedTokenizer implements Tokenizer {

    /** How begin and end tokens come about. */
    sealed interface SpecialTokens {

        /** As the file's post-processor says. */
        record OfPostProcessor() implements SpecialTokens {}

        /** As the configuration says in the post-processor's stead. */
        record Configured(OptionalInt begin, OptionalInt end) implements SpecialTokens {}
    }

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
        return switch (added) {
            case SpecialTokens.OfPostProcessor _ -> tokenizer.encode(text, addSpecialTokens);
            case SpecialTokens.Configured(var begin, var end) -> {
                int[] ids = tokenizer.encode(text, false);
                yield addSpecialTokens && (begin.isPresent() || end.isPresent())
                        ? IntStream.concat(
                                        IntStream.concat(begin.stream(), Arrays.stream(ids)),
                                        end.stream())
                                .toArray()
                        : ids;
            }
        };
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
