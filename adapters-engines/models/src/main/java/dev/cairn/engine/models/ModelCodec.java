package dev.cairn.engine.models;

import dev.cairn.engine.models.tokenizer.Tokenizer;
import dev.cairn.engine.models.tokenizer.Vocabulary;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.TokenPair;
import java.util.List;
import java.util.Optional;

/** A tokenizer and a chat template. Immutable. */
final class ModelCodec implements TextCodec {

    private final Tokenizer tokenizer;
    private final Vocabulary vocabulary;
    private final ConversationRenderer renderer;

    ModelCodec(Tokenizer tokenizer, TemplateSet templates) {
        this.tokenizer = tokenizer;
        this.vocabulary = tokenizer.vocabulary();
        this.renderer = new ConversationRenderer(templates, tokenizer.specialTokens());
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        return tokenizer.encode(text, addSpecialTokens);
    }

    @Override
    public TokenPair encodePair(String first, String second) {
        return tokenizer
                .encodePair(first, second)
                .orElseGet(() -> TextCodec.super.encodePair(first, second));
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return tokenizer.decode(ids, skipSpecialTokens);
    }

    @Override
    public byte[] tokenBytes(int id) {
        return vocabulary.bytes(id);
    }

    @Override
    public String tokenName(int id) {
        return vocabulary.name(id);
    }

    @Override
    public boolean isSpecial(int id) {
        return vocabulary.isSpecial(id);
    }

    @Override
    public boolean stripsLeadingSpace() {
        return vocabulary.stripsLeadingSpace();
    }

    @Override
    public List<Integer> endOfSequenceIds() {
        return tokenizer.endOfSequenceIds();
    }

    @Override
    public Optional<String> chatTemplate() {
        return renderer.defaultTemplate();
    }

    @Override
    public String render(Conversation conversation) {
        return renderer.render(conversation);
    }
}
