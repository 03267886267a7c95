package dev.cairn.core.testing;

import dev.cairn.ports.model.TextCodec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A tokenizer of bytes: id 0 begins a text, id 1 ends an answer, id 2 + b is the byte b, the ids
 * from 258 on are words given by the test. Encodes byte by byte, unless a whole text is a word.
 */
public class ByteCodec implements TextCodec {

    public static final int BEGIN = 0;
    public static final int END = 1;
    public static final int FIRST_BYTE = 2;
    public static final int FIRST_WORD = FIRST_BYTE + 256;

    private final List<byte[]> words = new ArrayList<>();
    private final boolean stripsLeadingSpace;

    public ByteCodec(boolean stripsLeadingSpace, String... words) {
        this.stripsLeadingSpace = stripsLeadingSpace;
        for (String word : words) {
            this.words.add(word.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The ids of a text's bytes. */
    public static int[] bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = FIRST_BYTE + (bytes[i] & 0xff);
        }
        return ids;
    }

    @Override
    public int vocabularySize() {
        return FIRST_WORD + words.size();
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        int[] ids = bytes(text);
        for (int i = 0; i < words.size(); i++) {
            if (text.equals(new String(words.get(i), StandardCharsets.UTF_8))) {
                ids = new int[] {FIRST_WORD + i};
            }
        }
        if (!addSpecialTokens) {
            return ids;
        }
        int[] whole = new int[ids.length + 1];
        whole[0] = BEGIN;
        System.arraycopy(ids, 0, whole, 1, ids.length);
        return whole;
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            if (id < vocabularySize() && !(skipSpecialTokens && isSpecial(id))) {
                bytes.writeBytes(tokenBytes(id));
            }
        }
        String text = ReferenceUtf8.decode(bytes.toByteArray());
        return stripsLeadingSpace && text.startsWith(" ") ? text.substring(1) : text;
    }

    @Override
    public byte[] tokenBytes(int id) {
        return switch (id) {
            case BEGIN -> "<begin>".getBytes(StandardCharsets.UTF_8);
            case END -> "<end>".getBytes(StandardCharsets.UTF_8);
            default ->
                    id < FIRST_WORD
                            ? new byte[] {(byte) (id - FIRST_BYTE)}
                            : words.get(id - FIRST_WORD);
        };
    }

    @Override
    public String tokenName(int id) {
        return "token" + id;
    }

    @Override
    public boolean isSpecial(int id) {
        return id == BEGIN || id == END;
    }

    @Override
    public boolean stripsLeadingSpace() {
        return stripsLeadingSpace;
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
        if (conversation.messages().isEmpty()) {
            throw new TemplateException("a conversation needs a message");
        }
        return conversation.messages().toString();
    }
}
