package dev.cairn.engine.models.tokenizer;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How a vocabulary writes bytes as token names, told by the tokenizer's decoder.
 *
 * <p>Source: Hugging Face tokenizers 0.21, {@code decoders} (ByteLevel, ByteFallback, Replace,
 * Metaspace, Strip).
 *
 * @param byteLevel whether each character of a name stands for one byte (GPT-2's alphabet)
 * @param byteFallback whether {@code <0x0A>} stands for a byte
 * @param space what stands for a space, or empty where nothing does
 * @param stripsLeadingSpace whether the first space of a text is dropped
 */
record Spelling(boolean byteLevel, boolean byteFallback, String space, boolean stripsLeadingSpace) {

    private static final int[] BYTE_OF_CHARACTER = byteAlphabet();

    /**
     * GPT-2's alphabet: printable Latin-1 characters stand for themselves, the other bytes for
     * U+0100 onwards.
     */
    private static int[] byteAlphabet() {
        int[] table = new int[0x144];
        java.util.Arrays.fill(table, -1);
        int next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable =
                    (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
            table[printable ? b : next++] = b;
        }
        return table;
    }

    /** Reads the {@code decoder} of a {@code tokenizer.json}; null where it has none. */
    static Spelling of(JsonValue decoder) {
        Spelling plain = new Spelling(false, false, "", false);
        return decoder instanceof JsonObject object ? plain.with(object) : plain;
    }

    private Spelling with(JsonObject decoder) {
        return switch (text(decoder, "type")) {
            case "ByteLevel" -> new Spelling(true, byteFallback, space, stripsLeadingSpace);
            case "ByteFallback" -> new Spelling(byteLevel, true, space, stripsLeadingSpace);
            case "Metaspace" ->
                    new Spelling(
                            byteLevel,
                            byteFallback,
                            text(decoder, "replacement"),
                            !text(decoder, "prepend_scheme").equals("never"));
            case "Replace" -> {
                boolean makesSpaces =
                        text(decoder, "content").equals(" ")
                                && decoder.member("pattern") instanceof JsonObject pattern
                                && !text(pattern, "String").isEmpty();
                yield makesSpaces
                        ? new Spelling(
                                byteLevel,
                                byteFallback,
                                text((JsonObject) decoder.member("pattern"), "String"),
                                stripsLeadingSpace)
                        : this;
            }
            case "Strip" ->
                    text(decoder, "content").equals(" ")
                                    && decoder.member("start")
                                            instanceof JsonValue.JsonNumber(var start)
                                    && !start.equals("0")
                            ? new Spelling(byteLevel, byteFallback, space, true)
                            : this;
            case "Sequence" -> {
                Spelling result = this;
                if (decoder.member("decoders") instanceof JsonArray(List<JsonValue> parts)) {
                    for (JsonValue part : parts) {
                        result = part instanceof JsonObject object ? result.with(object) : result;
                    }
                }
                yield result;
            }
            default -> this;
        };
    }

    private static String text(JsonObject object, String key) {
        return object.member(key) instanceof JsonString(String text) ? text : "";
    }

    byte[] bytes(String name) {
        if (byteLevel) {
            return byteLevelBytes(name);
        }
        if (byteFallback && name.length() == 6 && name.startsWith("<0x") && name.endsWith(">")) {
            int high = Character.digit(name.charAt(3), 16);
            int low = Character.digit(name.charAt(4), 16);
            if (high >= 0 && low >= 0) {
                return new byte[] {(byte) (high << 4 | low)};
            }
        }
        return (space.isEmpty() ? name : name.replace(space, " ")).getBytes(StandardCharsets.UTF_8);
    }

    /** A name with a character outside the alphabet stands for itself, as added tokens do. */
    private static byte[] byteLevelBytes(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= BYTE_OF_CHARACTER.length || BYTE_OF_CHARACTER[c] < 0) {
                return name.getBytes(StandardCharsets.UTF_8);
            }
            bytes.write(BYTE_OF_CHARACTER[c]);
        }
        return bytes.toByteArray();
    }
}
