package dev.cairn.core.relay;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tokenizer whose tokens depend on what is around them as those of byte-pair encodings do: texts
 * are cut into words with the space before them, and words from their end into pieces of three
 * bytes, so that a word that goes on is cut elsewhere.
 */
final class PieceCodec implements TextCodec {

    private static final int BEGIN = 0;

    private static final Pattern WORD =
            Pattern.compile(
                    "<\\w+>|[^\\s\\w]?\\w+|\\s+(?!\\S)| ?[^\\s\\w]+|\\s+",
                    Pattern.UNICODE_CHARACTER_CLASS);

    private final Map<String, Integer> ids = new HashMap<>();
    private final List<byte[]> bytes =
            new ArrayList<>(List.of("<begin>".getBytes(StandardCharsets.UTF_8)));
    private long encoded;

    /** Bytes that were encoded. */
    long encoded() {
        return encoded;
    }

    @Override
    public int vocabularySize() {
        return bytes.size();
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        List<Integer> tokens = new ArrayList<>();
        if (addSpecialTokens) {
            tokens.add(BEGIN);
        }
        Matcher words = WORD.matcher(text);
        while (words.find()) {
            byte[] word = words.group().getBytes(StandardCharsets.UTF_8);
            int first = word.length % 3;
            if (first > 0) {
                tokens.add(id(Arrays.copyOf(word, first)));
            }
            for (int at = first; at < word.length; at += 3) {
                tokens.add(id(Arrays.copyOfRange(word, at, at + 3)));
            }
        }
        encoded += text.getBytes(StandardCharsets.UTF_8).length;
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private int id(byte[] piece) {
        return ids.computeIfAbsent(
                new String(piece, StandardCharsets.ISO_8859_1),
                _ -> {
                    bytes.add(piece);
                    return bytes.size() - 1;
                });
    }

    @Override
    public byte[] tokenBytes(int id) {
        return bytes.get(id);
    }

    @Override
    public String render(Conversation conversation) {
        StringBuilder text = new StringBuilder();
        for (JsonObject message : conversation.messages()) {
            if (message.member("content") instanceof JsonString(var content)) {
                text.append("<turn>").append(content);
            }
        }
        return text.append("<answer>").toString();
    }

    @Override
    public String decode(int[] tokens, boolean skipSpecialTokens) {
        throw new AssertionError("nobody decodes here");
    }

    @Override
    public String tokenName(int id) {
        return new String(bytes.get(id), StandardCharsets.ISO_8859_1);
    }

    @Override
    public boolean isSpecial(int id) {
        return id == BEGIN;
    }

    @Override
    public boolean stripsLeadingSpace() {
        return false;
    }

    @Override
    public List<Integer> endOfSequenceIds() {
        return List.of();
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.empty();
    }
}
