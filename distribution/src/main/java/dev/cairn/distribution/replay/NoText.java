package dev.cairn.distribution.replay;

import dev.cairn.ports.model.TextCodec;
import java.util.List;
import java.util.Optional;

/** The codec of engines whose tokens nobody reads: a byte a token. Threads: any. */
final class NoText implements TextCodec {

    static final int VOCABULARY = 256;

    @Override
    public int vocabularySize() {
        return VOCABULARY;
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        return text.chars().map(c -> c % VOCABULARY).toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return "";
    }

    @Override
    public byte[] tokenBytes(int id) {
        return new byte[] {(byte) id};
    }

    @Override
    public String tokenName(int id) {
        return "token" + id;
    }

    @Override
    public boolean isSpecial(int id) {
        return id == 0;
    }

    @Override
    public boolean stripsLeadingSpace() {
        return false;
    }

    @Override
    public List<Integer> endOfSequenceIds() {
        return List.of(0);
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.empty();
    }

    @Override
    public String render(Conversation conversation) {
        throw new TemplateException("a replay has no conversations");
    }
}
