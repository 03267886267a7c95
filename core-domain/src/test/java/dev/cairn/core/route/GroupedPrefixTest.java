package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A prefix is held as far as every layer group can go on from it. */
class GroupedPrefixTest {

    private static final int BLOCK = 16;
    private static final int WORKERS = 5;
    private static final int BLOCKS = 24;
    private static final int CASES = 300;

    @Test
    void aWindowNeedsItsLastBlocksOnly() {
        PrefixIndex index = index();
        List<BlockHash> prompt = prompt(1);
        store(index, 0, prompt, 0, 0, 10);
        store(index, 0, prompt, 1, 8, 10);
        store(index, 1, prompt, 0, 0, 10);
        store(index, 1, prompt, 1, 5, 9);
        store(index, 2, prompt, 0, 0, 10);
        var held = new GroupedPrefix(index, List.of(0, 2 * BLOCK), BLOCK);
        held.match(keys(prompt), BLOCKS);
        assertThat(held.depth(0)).isEqualTo(10);
        assertThat(held.depth(1)).isEqualTo(9);
        assertThat(held.blocks(1, 0)).isEqualTo(9);
        assertThat(held.depth(2)).isZero();
        held.match(keys(prompt(2)), BLOCKS);
        assertThat(held.depth(0)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void itIsWhatASlowSearchFinds(long seed) {
        System.out.println("GroupedPrefixTest: seed " + seed);
        SeededRandom random = new SeededRandom(seed);
        for (int i = 0; i < CASES; i++) {
            List<Integer> windows =
                    List.of(0, 1 + random.nextInt(6 * BLOCK), 1 + random.nextInt(3 * BLOCK));
            PrefixIndex index = index();
            List<BlockHash> prompt = prompt(seed * 1000 + i);
            boolean[][][] has = new boolean[WORKERS][windows.size()][BLOCKS];
            for (int worker = 0; worker < WORKERS; worker++) {
                for (int group = 0; group < windows.size(); group++) {
                    for (int block = 0; block < BLOCKS; block++) {
                        has[worker][group][block] = random.nextInt(8) > 0;
                        if (has[worker][group][block]) {
                            store(index, worker, prompt, group, block, block + 1);
                        }
                    }
                }
            }
            var held = new GroupedPrefix(index, windows, BLOCK);
            held.match(keys(prompt), BLOCKS);
            for (int worker = 0; worker < WORKERS; worker++) {
                assertThat(held.depth(worker))
                        .as("case %d, worker %d, windows %s", i, worker, windows)
                        .isEqualTo(slowly(has[worker], windows));
            }
        }
    }

    private static int slowly(boolean[][] has, List<Integer> windows) {
        for (int blocks = BLOCKS; blocks > 0; blocks--) {
            boolean isHeld = true;
            for (int group = 0; group < windows.size(); group++) {
                int window = windows.get(group);
                for (int block = 0; block < blocks; block++) {
                    // The next token is at blocks * BLOCK and sees itself and those before it.
                    boolean isSeen =
                            window == 0 || (block + 1) * BLOCK - 1 > blocks * BLOCK - window;
                    isHeld &= !isSeen || has[group][block];
                }
            }
            if (isHeld) {
                return blocks;
            }
        }
        return 0;
    }

    private static PrefixIndex index() {
        return new PrefixIndex(new PrefixIndexOptions(2000, WORKERS));
    }

    private static void store(
            PrefixIndex index, int worker, List<BlockHash> prompt, int group, int from, int to) {
        index.apply(
                worker,
                new KvEvent.BlocksStored(
                        prompt.subList(from, to), null, List.of(), BLOCK, group, "device", ""));
    }

    private static List<BlockHash> prompt(long seed) {
        SeededRandom random = new SeededRandom(seed);
        List<BlockHash> blocks = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            blocks.add(
                    new BlockHash(
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong()));
        }
        return blocks;
    }

    private static long[] keys(List<BlockHash> prompt) {
        return prompt.stream().mapToLong(hash -> PrefixIndex.key(hash, 0)).toArray();
    }
}
