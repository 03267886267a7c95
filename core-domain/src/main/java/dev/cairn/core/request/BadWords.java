package dev.cairn.core.request;

import dev.cairn.ports.model.TextCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Token sequences of {@code bad_words}, as vLLM makes them: each word as at the start of a text,
 * and as after a space where that is another sequence of the same length.
 */
final class BadWords {

    private BadWords() {}

    static List<List<Integer>> encode(List<String> words, TextCodec codec, RequestLimits limits) {
        Field.check(
                words.size() <= limits.maxBadWords(),
                "bad_words",
                "have at most " + limits.maxBadWords() + " entries",
                words.size());
        List<List<Integer>> sequences = new ArrayList<>();
        for (String word : words) {
            String bare = word.stripLeading();
            if (bare.isEmpty()) {
                throw Field.refused("bad_words", "bad_words must have no empty entry");
            }
            Field.check(
                    word.length() <= limits.maxStopLength(),
                    "bad_words",
                    "have entries of at most " + limits.maxStopLength() + " characters",
                    word.length());
            int[] atStart = codec.encode(bare, false);
            int[] afterSpace = codec.encode(" " + bare, false);
            add(sequences, atStart);
            if (afterSpace.length == atStart.length
                    && afterSpace.length > 0
                    && afterSpace[0] != atStart[0]) {
                add(sequences, afterSpace);
            }
        }
        return sequences;
    }

    private static void add(List<List<Integer>> sequences, int[] ids) {
        if (ids.length > 0) {
            sequences.add(Arrays.stream(ids).boxed().toList());
        }
    }
}
