package dev.cairn.core.grammar;

import dev.cairn.core.testing.ByteCodec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Vocabularies to hold formats with. */
final class Vocabularies {

    private static final List<String> LETTERS =
            List.of(
                    "a", "b", "e", "n", "t", "0", "1", " ", "\n", "\"", ":", ",", "{", "}", "[",
                    "]", "\\", "é", "日", "-", ".", "<", ">", "/");

    private Vocabularies() {}

    /** Single bytes and nothing else. */
    static ByteCodec bytes() {
        return new ByteCodec(false);
    }

    /** Single bytes, and words made by merging two earlier ones, as byte-pair encoding has them. */
    static ByteCodec merged(SplittableRandom random, int merges) {
        List<String> parts = new ArrayList<>(LETTERS);
        Set<String> words = new LinkedHashSet<>();
        while (words.size() < merges) {
            String word =
                    parts.get(random.nextInt(parts.size()))
                            + parts.get(random.nextInt(parts.size()));
            if (word.length() < 12 && words.add(word)) {
                parts.add(word);
            }
        }
        return new ByteCodec(false, words.toArray(new String[0]));
    }

    static TokenTrie trie(ByteCodec codec) {
        return new TokenTrie(codec, codec.vocabularySize() + 3, codec.endOfSequenceIds());
    }
}
