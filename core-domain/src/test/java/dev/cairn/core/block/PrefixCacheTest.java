package dev.cairn.core.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.StepBatch.BlockCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {

    private static final int[] TOKENS = IntStream.range(100, 200).toArray();

    @Test
    void idleBlocksGoInTheOrderInWhichTheyWereLetGo() {
        BlockPool pool = new BlockPool(3);
        List<BlockHash> evicted = new ArrayList<>();
        pool.onEviction(evicted::add);
        for (int i = 0; i < 3; i++) {
            pool.enter(pool.allocate(), hash(i), "");
        }
        pool.release(1);
        pool.release(0);
        pool.release(2);
        assertThat(pool.free()).isEqualTo(3);
        pool.retain(pool.find(hash(1)));
        pool.release(1);
        pool.touch(0);
        assertThat(List.of(pool.allocate(), pool.allocate(), pool.allocate()))
                .containsExactly(2, 1, 0);
        assertThat(evicted).containsExactly(hash(2), hash(1), hash(0));
        assertThat(pool.allocate()).isEqualTo(BlockPool.NONE);
        assertThat(pool.find(hash(0))).isEqualTo(BlockPool.NONE);
    }

    @Test
    void aHashStandsForOneBlock() {
        BlockPool pool = new BlockPool(2);
        int block = pool.allocate();
        pool.enter(block, hash(1), "");
        assertThatIllegalStateException().isThrownBy(() -> pool.enter(block, hash(2), ""));
        int other = pool.allocate();
        assertThatIllegalStateException().isThrownBy(() -> pool.enter(other, hash(1), ""));
    }

    @Test
    void theEndOfAPrefixIsEvictedBeforeItsBeginning() {
        Cached cached = new Cached(toy().fullAttention(4, 5));
        cached.compute(20).releaseAll();
        PrefixHashes prefix = cached.hashes(20);
        for (int left = 20; left >= 0; left -= 4) {
            assertThat(cached.cache.longestHit(prefix, 20)).isEqualTo(left);
            cached.pools.pool(0).allocate();
        }
    }

    @Test
    void whoComputesTheSameGivesItsOwnBlocksUp() {
        Cached cached = new Cached(toy().fullAttention(4, 10));
        SequenceBlocks first = cached.compute(8);
        SequenceBlocks second = cached.pools.newSequence();
        second.extendTo(11);
        assertThat(cached.pools.pool(0).free()).isEqualTo(5);
        cached.cache.enter(second, cached.hashes(11), TOKENS, 11);
        assertThat(second.tables()[0]).startsWith(first.tables()[0][0], first.tables()[0][1]);
        assertThat(cached.pools.pool(0).free()).isEqualTo(7);
        first.releaseAll();
        second.releaseAll();
        assertThat(cached.pools.usedOfFullest()).isZero();
    }

    @Test
    void aPrefixThatEndsWithinABlockBeginsWithACopyOfIt() {
        Cached cached = new Cached(toy().fullAttention(4, 10));
        SequenceBlocks first = cached.compute(12);
        List<BlockCopy> copies = new ArrayList<>();
        PrefixHashes prefix = cached.hashes(12);
        assertThat(cached.cache.longestHit(prefix, 11)).isEqualTo(11);
        SequenceBlocks second = cached.cache.restore(prefix, 11, copies);
        assertThat(second.tables()[0]).startsWith(first.tables()[0][0], first.tables()[0][1]);
        assertThat(copies)
                .containsExactly(new BlockCopy(0, first.tables()[0][2], second.tables()[0][2]));
        assertThat(first.tables()[0][2]).isNotEqualTo(second.tables()[0][2]);
    }

    @Test
    void withoutABlockForTheCopyNothingIsRestoredAndNothingHeld() {
        Cached cached = new Cached(toy().fullAttention(4, 3));
        cached.compute(12);
        assertThat(cached.cache.restore(cached.hashes(12), 11, new ArrayList<>())).isNull();
        assertThat(cached.pools.pool(0).references(0)).isEqualTo(1);
    }

    @Test
    void aWindowNeedsTheBlocksThatTheNextTokenSees() {
        Cached cached = new Cached(toy().window(6, 4, 10));
        cached.compute(20).releaseAll();
        PrefixHashes prefix = cached.hashes(20);
        List<BlockCopy> copies = new ArrayList<>();
        SequenceBlocks restored = cached.cache.restore(prefix, 20, copies);
        // The token at 20 sees 15 .. 20.
        assertThat(restored.tables()[0])
                .startsWith(LayerGroup.RELEASED, LayerGroup.RELEASED, LayerGroup.RELEASED);
        assertThat(restored.held(0)).isEqualTo(2);
        assertThat(copies).isEmpty();
        restored.releaseAll();
        // Without the block of 12 .. 15, the longest prefix ends before it.
        cached.evict(0, prefix.at(0, 3));
        assertThat(cached.cache.longestHit(prefix, 20)).isEqualTo(12);
    }

    @Test
    void eventsTellWhatBecameReusableAndWhatIsGone() {
        Cached cached = new Cached(toy().fullAttention(4, 3));
        SequenceBlocks first = cached.pools.newSequence();
        first.extendTo(12);
        PrefixHashes prefix = cached.hashes(12);
        cached.cache.enter(first, prefix, TOKENS, 7);
        cached.cache.enter(first, prefix, TOKENS, 12);
        assertThat(cached.cache.takeEvents())
                .containsExactly(
                        new KvEvent.BlocksStored(
                                List.of(prefix.at(0, 0)),
                                null,
                                List.of(100, 101, 102, 103),
                                4,
                                0,
                                "device",
                                ""),
                        new KvEvent.BlocksStored(
                                List.of(prefix.at(0, 1), prefix.at(0, 2)),
                                prefix.at(0, 0),
                                List.of(104, 105, 106, 107, 108, 109, 110, 111),
                                4,
                                0,
                                "device",
                                ""));
        assertThat(cached.cache.takeEvents()).isEmpty();
        first.releaseAll();
        cached.pools.pool(0).allocate();
        assertThat(cached.cache.takeEvents())
                .containsExactly(new KvEvent.BlocksRemoved(List.of(prefix.at(0, 2)), 0, "device"));
    }

    /** Against the definition: try every length, look at every block that it needs. */
    @RepeatedTest(200)
    void theLongestHitIsTheLongestThatEveryGroupCanRestore(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        ToyRunner.Builder toy = toy();
        int groups = 1 + random.nextInt(3);
        for (int i = 0; i < groups; i++) {
            int size = 1 + random.nextInt(7);
            if (random.nextInt(3) == 0) {
                toy.fullAttention(size, 100);
            } else {
                toy.window(1 + random.nextInt(30), size, 100);
            }
        }
        Cached cached = new Cached(toy);
        int computed = 1 + random.nextInt(90);
        cached.compute(computed).releaseAll();
        PrefixHashes prefix = cached.hashes(TOKENS.length);
        for (int evictions = random.nextInt(6); evictions > 0; evictions--) {
            int group = random.nextInt(groups);
            int index = random.nextInt(100 / cached.pools.blockTokens(group));
            cached.evict(group, prefix.at(cached.chain(group), index));
        }
        int atMost = random.nextInt(100);
        int expected = atMost;
        while (!cached.canRestore(prefix, expected)) {
            expected--;
        }
        assertThat(cached.cache.longestHit(prefix, atMost)).as("seed %d", seed).isEqualTo(expected);
        if (expected > 0) {
            List<BlockCopy> copies = new ArrayList<>();
            SequenceBlocks blocks = cached.cache.restore(prefix, expected, copies);
            copies.forEach(cached.pools::copied);
            assertThat(blocks.extendTo(expected + 1)).isTrue();
            blocks.releaseAll();
        }
        assertThat(cached.pools.usedOfFullest()).isZero();
    }

    private static BlockHash hash(int i) {
        return new BlockHash(i, 0, 0, 0);
    }

    private static ToyRunner.Builder toy() {
        return ToyRunner.over(new VirtualDriver());
    }

    /** Pools with a cache, for sequences that all begin with {@link #TOKENS}. */
    private static final class Cached {

        final BlockPools pools;
        final PrefixCache cache;

        Cached(ToyRunner.Builder toy) {
            pools = new BlockPools(toy.build().description());
            cache = new PrefixCache(pools, PrefixCaching.ON, true);
        }

        PrefixHashes hashes(int tokens) {
            PrefixHashes prefix = cache.newPrefix("");
            prefix.extendTo(TOKENS, tokens);
            return prefix;
        }

        SequenceBlocks compute(int tokens) {
            SequenceBlocks blocks = pools.newSequence();
            blocks.extendTo(tokens);
            cache.enter(blocks, hashes(tokens), TOKENS, tokens);
            return blocks;
        }

        /** The chain of a group's block size, found by its first hash. */
        int chain(int group) {
            BlockHash first = new BlockHasher().first(TOKENS, 0, pools.blockTokens(group), "");
            PrefixHashes prefix = hashes(TOKENS.length);
            int chain = 0;
            while (!prefix.at(chain, 0).equals(first)) {
                chain++;
            }
            return chain;
        }

        /** Evicts one idle block: takes all free ones and gives the others back as they were. */
        void evict(int group, BlockHash hash) {
            BlockPool pool = pools.pool(group);
            int victim = pool.find(hash);
            if (victim == BlockPool.NONE) {
                return;
            }
            List<Integer> others = new ArrayList<>();
            for (BlockHash known : pool.known()) {
                if (!known.equals(hash)) {
                    pool.retain(pool.find(known));
                    others.add(pool.find(known));
                }
            }
            List<Integer> taken = new ArrayList<>();
            for (int block = pool.allocate(); block != BlockPool.NONE; block = pool.allocate()) {
                taken.add(block);
            }
            assertThat(pool.find(hash)).isEqualTo(BlockPool.NONE);
            taken.forEach(pool::release);
            others.forEach(pool::release);
        }

        boolean canRestore(PrefixHashes prefix, int tokens) {
            for (int group = 0; group < pools.groups(); group++) {
                int size = pools.blockTokens(group);
                int chain = chain(group);
                for (int i = pools.firstVisible(group, tokens) / size; i * size < tokens; i++) {
                    if (i >= prefix.blocks(chain)
                            || pools.pool(group).find(prefix.at(chain, i)) == BlockPool.NONE) {
                        return false;
                    }
                }
            }
            return true;
        }
    }
}
