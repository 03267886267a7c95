package dev.cairn.core.grammar;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.model.TextCodec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** A tokenizer of bytes and words that has special tokens too, behind all others. */
final class NamedTokens implements TextCodec {

    private final ByteCodec ordinary;
    private final List<String> names;

    NamedTokens(ByteCodec ordinary, String... names) {
        this.ordinary = ordinary;
        this.names = List.of(names);
    }

    int id(String name) {
        return ordinary.vocabularySize() + names.indexOf(name);
    }

    @Override
    public int vocabularySize() {
        return ordinary.vocabularySize() + names.size();
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        return ordinary.encode(text, addSpecialTokens);
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        var text = new StringBuilder();
        for (int id : ids) {
            if (!skipSpecialTokens || !isSpecial(id)) {
                text.append(new String(tokenBytes(id), StandardCharsets.ISO_8859_1));
            }
        }
        return text.toString();
    }

    @Override
    public byte[] tokenBytes(int id) {
        return id < ordinary.vocabularySize()
                ? ordinary.tokenBytes(id)
                : names.get(id - ordinary.vocabularySize()).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String tokenName(int id) {
        return ordinary.tokenName(id);
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= ordinary.vocabularySize() || ordinary.isSpecial(id);
    }

    @Override
    public boolean stripsLeadingSpace() {
        return false;
    }

    @Override
    public List<Integer> endOfSequenceIds() {
        return ordinary.endOfSequenceIds();
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.empty();
    }

    @Override
    public String render(Conversation conversation) {
        return ordinary.render(conversation);
    }
}
