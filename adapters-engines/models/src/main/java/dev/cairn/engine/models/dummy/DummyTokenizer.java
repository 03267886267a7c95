package dev.cairn.engine.models.dummy;

import dev.cairn.engine.models.tokenizer.Tokenizer;
import dev.cairn.engine.models.tokenizer.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A tokenizer of bytes: ids 0 to 255 are themselves, then come the begin and end tokens. The rest
 * stands for short words, which no text is encoded to: what random weights write has to be seen by
 * whoever measures when it comes.
 */
public final class DummyTokenizer implements Tokenizer {

    public static final int BEGIN = 256;
    public static final int END = 257;

    public static final String TEMPLATE =
            "{{ bos_token }}{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"
                    + "{% if add_generation_prompt %}assistant: {% endif %}";

    private final int vocabularySize;
    private final Vocabulary vocabulary;

    /**
     * @param vocabularySize of the model; at least 258
     */
    public DummyTokenizer(int vocabularySize) {
        this.vocabularySize = vocabularySize;
        Map<Integer, String> names = new LinkedHashMap<>();
        for (int b = 0; b < 256; b++) {
            names.put(b, "<0x%02X>".formatted(b));
        }
        names.put(BEGIN, "<begin>");
        names.put(END, "<end>");
        for (int id = END + 1; id < vocabularySize; id++) {
            names.put(id, " " + Integer.toString(id, Character.MAX_RADIX));
        }
        BitSet special = new BitSet();
        special.set(BEGIN, END + 1);
        this.vocabulary = Vocabulary.ofBytes(names, special);
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        IntStream ids = IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF);
        return (addSpecialTokens ? IntStream.concat(IntStream.of(BEGIN), ids) : ids).toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            if (id >= 0
                    && id < vocabularySize
                    && !(skipSpecialTokens && vocabulary.isSpecial(id))) {
                bytes.writeBytes(vocabulary.bytes(id));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public List<Integer> endOfSequenceIds() {
        return List.of(END);
    }

    @Override
    public Map<String, String> specialTokens() {
        return Map.of("bos_token", vocabulary.name(BEGIN), "eos_token", vocabulary.name(END));
    }
}
