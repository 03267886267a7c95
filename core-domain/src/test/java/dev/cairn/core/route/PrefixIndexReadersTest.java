package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers see nothing that never was, and all that is there for good, while a writer streams. */
class PrefixIndexReadersTest {

    private static final int WORKERS = 40;

    /** The first half of every chain is held for good by workers below this; the rest flickers. */
    private static final int STEADY = 10;

    private static final int CHAINS = 30;
    private static final int BLOCKS = 60;
    private static final int CHANGES = 10_000;

    /** These never hold anything: whoever finds them read torn memory. */
    private static final int NEVER = 38;

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void readersSeeWhatIsThereAndNothingElse(long seed) throws Exception {
        PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(1 << 16, WORKERS));
        SeededRandom random = new SeededRandom(seed);
        long[][] chains = new long[CHAINS][BLOCKS];
        for (long[] chain : chains) {
            for (int i = 0; i < BLOCKS; i++) {
                chain[i] = random.nextLong();
            }
        }
        for (int worker = 0; worker < STEADY; worker++) {
            for (long[] chain : chains) {
                index.stored(worker, 0, PrefixIndex.NO_PARENT, chain, 0, BLOCKS / 2);
            }
        }
        AtomicBoolean over = new AtomicBoolean();
        List<Future<Long>> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (int reader = 0; reader < 3; reader++) {
                long own = seed * 100 + reader;
                readers.add(threads.submit(() -> read(index, chains, own, over)));
            }
            try {
                write(index, chains, random);
            } finally {
                over.set(true);
            }
            for (Future<Long> reader : readers) {
                assertThat(reader.get()).as("seed " + seed + ": look-ups").isPositive();
            }
        }
    }

    private static void write(PrefixIndex index, long[][] chains, SeededRandom random) {
        long[] others = new long[64];
        for (int change = 0; change < CHANGES; change++) {
            long[] chain = chains[random.nextInt(CHAINS)];
            int worker = STEADY + random.nextInt(NEVER - STEADY);
            int from = random.nextInt(BLOCKS);
            if (random.nextInt(2) == 0) {
                long parent = from == 0 ? PrefixIndex.NO_PARENT : chain[from - 1];
                index.stored(worker, 0, parent, chain, from, BLOCKS);
            } else {
                index.removed(worker, 0, chain, from, BLOCKS);
            }
            if (change % 8 == 0) {
                // Blocks that come and go take the nodes and rows of others, and move entries.
                for (int i = 0; i < others.length; i++) {
                    others[i] = random.nextLong();
                }
                index.stored(worker, 1, PrefixIndex.NO_PARENT, others, 0, others.length);
                index.removed(worker, 1, others, 0, others.length);
            }
        }
    }

    private static long read(PrefixIndex index, long[][] chains, long seed, AtomicBoolean over) {
        SeededRandom random = new SeededRandom(seed);
        PrefixMatch match = index.newMatch();
        long lookups = 0;
        while (!over.get() || lookups == 0) {
            long[] chain = chains[random.nextInt(CHAINS)];
            index.match(chain, BLOCKS, match);
            lookups++;
            for (int worker = 0; worker < WORKERS; worker++) {
                int depth = match.depth(worker);
                boolean possible =
                        worker < STEADY ? depth == BLOCKS / 2 : worker < NEVER || depth == 0;
                if (!possible || match.blocks(worker, 0) != depth) {
                    throw new AssertionError(
                            "seed %d: worker %d holds %d blocks, %d of them in tier 0"
                                    .formatted(seed, worker, depth, match.blocks(worker, 0)));
                }
            }
        }
        return lookups;
    }
}
