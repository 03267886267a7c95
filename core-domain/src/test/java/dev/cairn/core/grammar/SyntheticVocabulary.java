package dev.cairn.core.grammar;

import dev.cairn.ports.model.TextCodec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A vocabulary of the size and make of byte-level models, from a fixed seed: single bytes, numbers,
 * white space, punctuation as code has it, words of syllables with and without a blank and capital,
 * other scripts, parts of characters, and special tokens.
 */
final class SyntheticVocabulary implements TextCodec {

    private static final String MARKS = "\"':;,.{}[]()<>=+-*/\\|&%$#@!?_~`^";
    private static final String[] ONSETS =
            "b c d f g h l m n p r s t st tr ch w k v pr qu".split(" ");
    private static final String[] VOWELS = "a e i o u ea io y".split(" ");
    private static final String[] CODAS = {"", "", "n", "r", "s", "t", "l", "nt", "ng", "ck", "m"};
    private static final int[][] SCRIPTS = {
        {0x430, 0x44f},
        {0x4e00, 0x9fa5},
        {0x3041, 0x3093},
        {0x621, 0x64a},
        {0xe0, 0xff},
        {0xac00, 0xd7a3},
        {0x1f600, 0x1f64f}
    };
    private static final int SPECIAL = 300;

    private final List<byte[]> tokens = new ArrayList<>();

    /** By the bytes as ISO-8859-1. */
    private final Map<String, Integer> ids = new HashMap<>();

    private final SplittableRandom random = new SplittableRandom(42);
    private final int firstSpecial;
    private int longest;

    SyntheticVocabulary(int size) {
        for (int value = 0; value < 256; value++) {
            add(new byte[] {(byte) value});
        }
        for (int n = 0; n < 1000; n++) {
            add(String.valueOf(n));
            add(String.format("%03d", n));
        }
        for (int n = 2; n < 32; n++) {
            add(" ".repeat(n));
            add("\n".repeat(Math.min(8, n)) + " ".repeat(n / 2));
            add("\t".repeat(n / 2 + 1));
        }
        while (tokens.size() < size / 40 + 2_000) {
            add((random.nextInt(4) == 0 ? " " : "") + marks(2 + random.nextInt(3)));
        }
        while (tokens.size() < size - SPECIAL) {
            add(random.nextInt(100) < 62 ? word() : foreign());
        }
        firstSpecial = tokens.size();
        while (tokens.size() < size) {
            add("<|special_" + tokens.size() + "|>");
        }
    }

    private void add(String text) {
        add(text.getBytes(StandardCharsets.UTF_8));
    }

    private void add(byte[] bytes) {
        String key = new String(bytes, StandardCharsets.ISO_8859_1);
        if (ids.putIfAbsent(key, tokens.size()) == null) {
            tokens.add(bytes);
            longest = Math.max(longest, bytes.length);
        }
    }

    private String marks(int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(MARKS.charAt(random.nextInt(MARKS.length())));
        }
        return text.toString();
    }

    private byte[] word() {
        var text = new StringBuilder();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            text.append(ONSETS[random.nextInt(ONSETS.length)])
                    .append(VOWELS[random.nextInt(VOWELS.length)])
                    .append(CODAS[random.nextInt(CODAS.length)]);
        }
        if (random.nextInt(4) == 0) {
            text.setCharAt(0, Character.toUpperCase(text.charAt(0)));
        }
        String blank = random.nextBoolean() ? " " : "";
        String mark = random.nextInt(40) == 0 ? marks(1) : "";
        return (blank + text + mark).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] foreign() {
        int[] script = SCRIPTS[random.nextInt(SCRIPTS.length)];
        var text = new StringBuilder();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            text.appendCodePoint(random.nextInt(script[0], script[1] + 1));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(8) > 0) {
            return bytes;
        }
        int cut = random.nextInt(1, bytes.length);
        return random.nextBoolean()
                ? Arrays.copyOf(bytes, cut)
                : Arrays.copyOfRange(bytes, cut, bytes.length);
    }

    /** The longest tokens first. */
    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        String bytes =
                new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        List<Integer> found = new ArrayList<>();
        for (int at = 0; at < bytes.length(); ) {
            int end = Math.min(bytes.length(), at + longest);
            while (!ids.containsKey(bytes.substring(at, end))) {
                end--;
            }
            found.add(ids.get(bytes.substring(at, end)));
            at = end;
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public int vocabularySize() {
        return tokens.size();
    }

    @Override
    public String decode(int[] some, boolean skipSpecialTokens) {
        var bytes = new ByteArrayOutputStream();
        for (int id : some) {
            bytes.writeBytes(tokens.get(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] tokenBytes(int id) {
        return tokens.get(id);
    }

    @Override
    public String tokenName(int id) {
        return "token" + id;
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= firstSpecial;
    }

    @Override
    public boolean stripsLeadingSpace() {
        return false;
    }

    @Override
    public List<Integer> endOfSequenceIds() {
        return List.of(tokens.size() - 1);
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.empty();
    }

    @Override
    public String render(Conversation conversation) {
        throw new TemplateException("has no template");
    }
}
