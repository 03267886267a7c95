package dev.cairn.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.route.PrefixIndex;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.relay.ReadPrompt;
import dev.cairn.ports.request.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Prompts become the keys of their blocks, and known beginnings are not encoded again. */
class PromptKeysTest {

    private static final int BLOCK = 4;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzäß日本";

    private final PieceCodec codec = new PieceCodec();
    private final PromptKeys keys = new PromptKeys(codec, 10_000);

    @Test
    void keysAreThoseOfTheChain() {
        String text = "a prompt of some words, with more than one block";
        int[] ids = codec.encode(text, true);
        var hasher = new BlockHasher();
        BlockHash hash = hasher.first(ids, 0, BLOCK, "salt");
        List<Long> expected = new ArrayList<>(List.of(PrefixIndex.key(hash, 0)));
        for (int at = BLOCK; at + BLOCK <= ids.length; at += BLOCK) {
            hash = hasher.next(hash, ids, at, BLOCK);
            expected.add(PrefixIndex.key(hash, 0));
        }
        ReadPrompt read = keys.read(new Prompt.Text(text, true), "salt", BLOCK);
        assertThat(read.keys()).containsExactly(expected.toArray(Long[]::new));
        assertThat(read.tokens()).isEqualTo(ids.length);
        assertThat(keys.read(new Prompt.TokenIds(ids), "salt", BLOCK).keys())
                .isEqualTo(read.keys());
        assertThat(keys.read(new Prompt.Text(text, true), "", BLOCK).keys()[0])
                .isNotEqualTo(read.keys()[0]);
    }

    /** Texts that begin as others did, cut anywhere, get the keys that they get alone. */
    @Test
    void knownBeginningsChangeNoKey() {
        long seed = System.nanoTime();
        System.out.println("PromptKeysTest seed " + seed);
        Random random = new Random(seed);
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            String text = next(random, seen);
            seen.add(text);
            ReadPrompt read = keys.read(new Prompt.Text(text, i % 3 == 0), "", BLOCK);
            ReadPrompt alone =
                    new PromptKeys(codec, 10).read(new Prompt.Text(text, i % 3 == 0), "", BLOCK);
            assertThat(read.tokens()).as(text).isEqualTo(alone.tokens());
            assertThat(read.keys()).as(text).isEqualTo(alone.keys());
        }
        assertThat(keys.knownBytes()).isGreaterThan(keys.encodedBytes() / 10);
    }

    /** Now and then the beginning of one that was there, often cut within a word. */
    private static String next(Random random, List<String> seen) {
        StringBuilder text = new StringBuilder();
        if (!seen.isEmpty() && random.nextInt(4) > 0) {
            String old = seen.get(random.nextInt(seen.size()));
            int end = random.nextInt(old.length() + 1);
            text.append(old, 0, end);
        }
        int words = random.nextInt(200);
        for (int i = 0; i < words; i++) {
            int letters = random.nextInt(random.nextInt(20) == 0 ? 80 : 9);
            for (int letter = 0; letter < letters; letter++) {
                text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            text.append(" ".repeat(1 + random.nextInt(random.nextInt(9) == 0 ? 60 : 2)));
        }
        return text.toString();
    }

    @Test
    void aLongBeginningIsEncodedOnce() {
        String document = "the same words again and again ".repeat(7_000);
        keys.read(new Prompt.Text(document + "first question", false), "", BLOCK);
        long before = codec.encoded();
        for (int i = 0; i < 20; i++) {
            keys.read(new Prompt.Text(document + i + " and another question", false), "", BLOCK);
        }
        assertThat(codec.encoded() - before)
                .as("bytes encoded for 20 prompts of %d bytes", document.length())
                .isLessThan(20L * document.length() / 10);
    }

    @Test
    void memoryIsBounded() {
        var few = new PromptKeys(codec, 8);
        for (int i = 0; i < 50; i++) {
            String text = ("text number " + i + " ").repeat(300);
            ReadPrompt read = few.read(new Prompt.Text(text, false), "", BLOCK);
            assertThat(few.read(new Prompt.Text(text, false), "", BLOCK).keys())
                    .isEqualTo(read.keys());
        }
        assertThat(few.checkpoints()).isLessThanOrEqualTo(8);
    }
}
