package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index says what a plain table of everything says. */
class PrefixIndexTest {

    private static final List<String> TIERS = List.of("device", "host", "disk");
    private static final int WORKERS = 9;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void saysWhatAPlainTableSays(long seed) {
        SeededRandom random = new SeededRandom(seed);
        PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(100_000, WORKERS, TIERS));
        HeldBlocks model = new HeldBlocks(WORKERS, TIERS);
        int groups = 1 + random.nextInt(2);
        var chains = new ChainsOfBlocks(random, 40, 5 + random.nextInt(60), TIERS, groups);
        PrefixMatch match = index.newMatch();
        for (int step = 0; step < 800; step++) {
            int worker = random.nextInt(WORKERS);
            KvEvent event = chains.anyEvent();
            index.apply(worker, event);
            model.apply(worker, event);
            long[] prefix = chains.anyPrefix(random.nextInt(groups));
            index.match(prefix, prefix.length, match);
            assertSame(model, match, prefix, "seed " + seed + " step " + step);
            if (step % 200 == 0) {
                assertThat(index.entries()).as("seed " + seed).isEqualTo(model.entries());
                assertThat(index.blocks()).as("seed " + seed).isEqualTo(model.blocks());
            }
        }
        assertDigests(index, model, "seed " + seed);
        for (int worker = 0; worker < WORKERS; worker++) {
            index.cleared(worker);
        }
        assertThat(index.blocks()).isZero();
        assertThat(index.entries()).isZero();
    }

    private static void assertSame(
            HeldBlocks model, PrefixMatch match, long[] prefix, String where) {
        int[][] expected = new int[WORKERS][1 + TIERS.size()];
        int[][] actual = new int[WORKERS][1 + TIERS.size()];
        boolean[] holds = new boolean[WORKERS];
        boolean[] found = new boolean[WORKERS];
        for (int i = 0; i < match.workers(); i++) {
            found[match.worker(i)] = true;
        }
        for (int worker = 0; worker < WORKERS; worker++) {
            expected[worker][0] = model.depth(worker, prefix);
            actual[worker][0] = match.depth(worker);
            holds[worker] = expected[worker][0] > 0;
            for (int tier = 0; tier < TIERS.size(); tier++) {
                expected[worker][1 + tier] = model.blocks(worker, tier, prefix);
                actual[worker][1 + tier] = match.blocks(worker, tier);
            }
        }
        assertThat(actual).as(where).isDeepEqualTo(expected);
        assertThat(found).as(where).isEqualTo(holds);
    }

    private static void assertDigests(PrefixIndex index, HeldBlocks model, String where) {
        for (int worker = 0; worker < WORKERS; worker++) {
            for (int tier = 0; tier < TIERS.size(); tier++) {
                BlockDigest digest = new BlockDigest();
                model.keys(worker, tier).forEach(digest::add);
                assertThat(index.digest(worker, tier)).as(where).isEqualTo(digest);
            }
        }
    }

    @Test
    void aBlockStoredTwiceIsHeldUntilItIsRemovedTwice() {
        PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(100, 2));
        long[] prefix = {11, 12};
        index.stored(1, 0, PrefixIndex.NO_PARENT, prefix, 0, 2);
        index.stored(1, 0, 11, prefix, 1, 2);
        index.removed(1, 0, prefix, 1, 2);
        assertThat(depth(index, 1, prefix)).isEqualTo(2);
        index.removed(1, 0, prefix, 1, 2);
        assertThat(depth(index, 1, prefix)).isEqualTo(1);
    }

    @Test
    void aFullIndexTakesNoMoreAndSaysSo() {
        PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(3, 1));
        long[] prefix = {1, 2, 3, 4, 5};
        index.stored(0, 0, PrefixIndex.NO_PARENT, prefix, 0, 5);
        assertThat(index.blocks()).isEqualTo(3);
        assertThat(index.refused()).isEqualTo(2);
        assertThat(depth(index, 0, prefix)).isEqualTo(3);
        index.removed(0, 0, prefix, 3, 5);
        assertThat(index.unknownRemovals()).isEqualTo(2);
    }

    @Test
    void aRangeIsMadeToAgreeWithWhatTheWorkerLists() {
        SeededRandom random = new SeededRandom(5);
        PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(1000, 1));
        long[] believed = LongStream.generate(random::nextLong).limit(300).toArray();
        index.stored(0, 0, PrefixIndex.NO_PARENT, believed, 0, 300);
        BlockDigest truth = new BlockDigest();
        long[] held = LongStream.of(believed).limit(200).sorted().toArray();
        LongStream.of(held).forEach(truth::add);
        for (int range = 0; range < BlockDigest.RANGES; range++) {
            assertThat(index.digest(0, 0).sum(range)).isNotEqualTo(truth.sum(range));
            int wanted = range;
            index.retain(
                    0,
                    0,
                    range,
                    LongStream.of(held).filter(key -> BlockDigest.range(key) == wanted).toArray());
        }
        assertThat(index.digest(0, 0)).isEqualTo(truth);
    }

    @Test
    void hashesThatVllmCutsToTheirLastBitsAreTheSameBlocks() {
        assertThat(PrefixIndex.key(new BlockHash(1, 2, 3, 4), 0))
                .isEqualTo(PrefixIndex.key(new BlockHash(0, 0, 0, 4), 0))
                .isNotEqualTo(PrefixIndex.key(new BlockHash(0, 0, 0, 4), 1));
    }

    @Test
    void anUnknownTierIsRefused() {
        PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(3, 1));
        var stored =
                new KvEvent.BlocksStored(
                        List.of(new BlockHash(0, 0, 0, 4)), null, List.of(), 16, 0, "tape", "");
        assertThatThrownBy(() -> index.apply(0, stored)).hasMessageContaining("\"tape\"");
    }

    private static int depth(PrefixIndex index, int worker, long[] prefix) {
        PrefixMatch match = index.newMatch();
        index.match(prefix, prefix.length, match);
        return match.depth(worker);
    }
}
