package dev.cairn.core.grammar;

import dev.cairn.ports.model.TextCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads texts in which special tokens of a model are named: such a name stands for the token, never
 * for its letters, and of several names that begin at one place the longest counts. Immutable.
 */
final class SpecialNames {

    /** Symbols from here on are tokens; those below are code points. */
    static final int FIRST_TOKEN = Character.MAX_CODE_POINT + 1;

    /** No model's tokens have names. */
    static final SpecialNames NONE = new SpecialNames(Map.of());

    private final Map<Character, List<Map.Entry<String, Integer>>> byFirst = new HashMap<>();

    private SpecialNames(Map<String, Integer> ids) {
        ids.entrySet().stream()
                .sorted((a, b) -> Integer.compare(b.getKey().length(), a.getKey().length()))
                .forEach(
                        each ->
                                byFirst.computeIfAbsent(
                                                each.getKey().charAt(0), _ -> new ArrayList<>())
                                        .add(each));
    }

    /**
     * @param vocabulary ids below are looked at
     */
    static SpecialNames of(TextCodec codec, int vocabulary) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < Math.min(vocabulary, codec.vocabularySize()); id++) {
            if (codec.isSpecial(id) && codec.tokenBytes(id).length > 0) {
                ids.putIfAbsent(new String(codec.tokenBytes(id), StandardCharsets.UTF_8), id);
            }
        }
        return new SpecialNames(ids);
    }

    /** A text as code points and tokens. */
    int[] symbols(String text) {
        int[] symbols = new int[text.length()];
        int size = 0;
        for (int at = 0; at < text.length(); ) {
            Map.Entry<String, Integer> named = nameAt(text, at);
            if (named != null) {
                symbols[size++] = FIRST_TOKEN + named.getValue();
                at += named.getKey().length();
            } else {
                symbols[size++] = text.codePointAt(at);
                at += Character.charCount(text.codePointAt(at));
            }
        }
        return java.util.Arrays.copyOf(symbols, size);
    }

    private Map.Entry<String, Integer> nameAt(String text, int at) {
        for (var each : byFirst.getOrDefault(text.charAt(at), List.of())) {
            if (text.startsWith(each.getKey(), at)) {
                return each;
            }
        }
        return null;
    }

    /** What a symbol is in bytes. */
    static Expression expression(int symbol) {
        if (symbol < FIRST_TOKEN) {
            return Expression.literal(Character.toString(symbol));
        }
        byte[] bytes = TokenTrie.special(symbol - FIRST_TOKEN);
        Expression[] parts = new Expression[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            parts[i] = Expression.range(bytes[i] & 0xff, bytes[i] & 0xff);
        }
        return Expression.sequence(parts);
    }

    static Expression expression(int[] symbols) {
        List<Expression> parts = new ArrayList<>();
        for (int symbol : symbols) {
            parts.add(expression(symbol));
        }
        return new Expression.Sequence(parts);
    }
}
