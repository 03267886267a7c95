package dev.cairn.distribution.bench.grammar;

import dev.cairn.ports.model.TextCodec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** A token for every byte, and one that ends a text. Threads: any. */
final class SingleBytes implements TextCodec {

    private static final int END = 256;

    @Override
    public int vocabularySize() {
        return END + 1;
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xFF;
        }
        return ids;
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        byte[] bytes = new byte[ids.length];
        for (int i = 0; i < ids.length; i++) {
            bytes[i] = (byte) ids[i];
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public byte[] tokenBytes(int id) {
        return id == END ? new byte[0] : new byte[] {(byte) id};
    }

    @Override
    public String tokenName(int id) {
        return "byte" + id;
    }

    @Override
    public boolean isSpecial(int id) {
        return id == END;
    }

    @Override
    public boolean stripsLeadingSpace() {
        return false;
    }

    @Override
    public List<Integer> endOfSequenceIds() {
        return List.of(END);
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.empty();
    }

    @Override
    public String render(Conversation conversation) {
        throw new TemplateException("a byte renders nothing");
    }
}
