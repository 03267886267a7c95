package dev.cairn.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.relay.PromptBlocks;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who was sent which bytes, in memory that does not grow. */
class ByteBlockIndexTest {

    private static final int WORKERS = 4;

    private final PromptBlocks blocks = new PromptBlocks();
    private final ByteBlockIndex index = new ByteBlockIndex(1 << 12, WORKERS);
    private final long[] matched = new long[WORKERS];
    private final SeededRandom random = new SeededRandom(7);

    @Test
    void commonBeginningsHaveCommonKeysAndNothingElseHas() {
        byte[] one = text(100_000);
        byte[] other = one.clone();
        other[50_000] ^= 1;
        List<Long> first = keys(1, one);
        List<Long> second = keys(1, other);
        assertThat(first).hasSameSizeAs(second).doesNotHaveDuplicates();
        int common = 0;
        while (first.get(common).equals(second.get(common))) {
            common++;
        }
        blocks.over(List.of(MemorySegment.ofArray(one))).cut(1);
        assertThat(blocks.end(common - 1)).isLessThanOrEqualTo(50_000);
        assertThat(blocks.end(common)).isGreaterThan(50_000);
        assertThat(second.subList(common, second.size()))
                .doesNotContainAnyElementsOf(first.subList(common, first.size()));
        assertThat(keys(2, one)).as("another model").doesNotContainAnyElementsOf(first);
    }

    @Test
    void aMegabyteHasAboutAHundredBlocks() {
        assertThat(keys(1, text(1 << 20))).hasSizeBetween(60, 160);
    }

    @Test
    void aPromptIsFoundWhereItWasSentAndNowhereElse() {
        byte[] prompt = text(20_000);
        sent(2, prompt);
        match(prompt);
        assertThat(matched[2]).isBetween(18_000L, 20_000L);
        assertThat(matched[0]).isZero();
        byte[] longer = new byte[40_000];
        System.arraycopy(prompt, 0, longer, 0, prompt.length);
        match(longer);
        assertThat(matched[2]).isBetween(16_000L, 20_000L);
        index.forget(2);
        match(prompt);
        assertThat(matched[2]).isZero();
    }

    @Test
    void theNewestPromptsAreKeptInMemoryThatDoesNotGrow() {
        List<byte[]> prompts = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            byte[] prompt = ("prompt " + i + " ").repeat(100).getBytes(StandardCharsets.UTF_8);
            prompts.add(prompt);
            sent(i % WORKERS, prompt);
        }
        int found = 0;
        for (int i = 9_700; i < 10_000; i++) {
            match(prompts.get(i));
            found += matched[i % WORKERS] > 500 ? 1 : 0;
        }
        assertThat(found).isGreaterThan(290);
        match(prompts.getFirst());
        assertThat(matched).containsOnly(0);
    }

    @Test
    void itAgreesWithAMapWhileThereIsRoom() {
        long seed = 1_234;
        SeededRandom draws = new SeededRandom(seed);
        ByteBlockIndex roomy = new ByteBlockIndex(1 << 18, WORKERS);
        List<List<byte[]>> sent = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            sent.add(new ArrayList<>());
        }
        byte[] stem = text(3_000);
        for (int i = 0; i < 500; i++) {
            byte[] prompt = stem.clone();
            int change = (int) Long.remainderUnsigned(draws.nextLong(), 3_000);
            prompt[change] = (byte) draws.nextLong();
            blocks.over(List.of(MemorySegment.ofArray(prompt))).cut(1);
            roomy.match(blocks, matched);
            for (int worker = 0; worker < WORKERS; worker++) {
                assertThat(matched[worker])
                        .as("seed %d, prompt %d, worker %d", seed, i, worker)
                        .isEqualTo(expected(prompt, sent.get(worker)));
            }
            int worker = (int) Long.remainderUnsigned(draws.nextLong(), WORKERS);
            roomy.sent(worker, blocks);
            sent.get(worker).add(prompt);
        }
    }

    /** The longest run of whole blocks that one prompt has in common with any of the others. */
    private long expected(byte[] prompt, List<byte[]> others) {
        long best = 0;
        for (byte[] other : others) {
            int common = 0;
            while (common < prompt.length && prompt[common] == other[common]) {
                common++;
            }
            long end = 0;
            for (int block = 0; block < blocks.count() && blocks.end(block) <= common; block++) {
                end = blocks.end(block);
            }
            best = Math.max(best, end);
        }
        return best;
    }

    private void sent(int worker, byte[] prompt) {
        blocks.over(List.of(MemorySegment.ofArray(prompt))).cut(1);
        index.sent(worker, blocks);
    }

    private void match(byte[] prompt) {
        blocks.over(List.of(MemorySegment.ofArray(prompt))).cut(1);
        index.match(blocks, matched);
    }

    private List<Long> keys(long seed, byte[] prompt) {
        blocks.over(List.of(MemorySegment.ofArray(prompt))).cut(seed);
        List<Long> keys = new ArrayList<>();
        for (int block = 0; block < blocks.count(); block++) {
            keys.add(blocks.key(block));
        }
        return keys;
    }

    private byte[] text(int size) {
        byte[] text = new byte[size];
        for (int i = 0; i < size; i++) {
            text[i] = (byte) ('a' + Long.remainderUnsigned(random.nextLong(), 26));
        }
        return text;
    }
}
