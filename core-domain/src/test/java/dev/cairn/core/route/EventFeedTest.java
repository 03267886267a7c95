package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.HeldDigest;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvHoldings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index equals what workers hold although batches are lost, once they are quiet. */
class EventFeedTest {

    private static final List<String> TIERS = List.of("device", "host");
    private static final int WORKERS = 4;

    private final PrefixIndex index =
            new PrefixIndex(new PrefixIndexOptions(100_000, WORKERS, TIERS));
    private final EventFeed feed = new EventFeed(index, 20);
    private final HeldBlocks truth = new HeldBlocks(WORKERS, TIERS);
    private final List<List<List<KvEvent>>> kept = new ArrayList<>();
    private final int[] published = new int[WORKERS];

    EventFeedTest() {
        for (int worker = 0; worker < WORKERS; worker++) {
            kept.add(new ArrayList<>());
            feed.join(worker, true, EventTranslation.none());
            feed.replayEnded(worker);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void lostBatchesAreReplayedOrTheDifferenceIsFound(long seed) {
        SeededRandom random = new SeededRandom(seed);
        var chains = new ChainsOfBlocks(random, 30, 40, TIERS, 1);
        int buffer = 1 + random.nextInt(6);
        Queue<FeedCommand> asked = new ArrayDeque<>();
        for (int step = 0; step < 600; step++) {
            int worker = random.nextInt(WORKERS);
            List<KvEvent> batch = List.of(chains.anyEvent(), chains.anyEvent());
            publish(worker, batch);
            if (random.nextInt(20) > 0) {
                asked.addAll(feed.batch(worker, batch(published[worker] - 1, batch)));
            }
            if (random.nextInt(4) == 0) {
                answerOne(asked, buffer);
            }
        }
        for (int worker = 0; worker < WORKERS; worker++) {
            // What was lost last shows with the next batch.
            publish(worker, List.of());
            asked.addAll(feed.batch(worker, batch(published[worker] - 1, List.of())));
        }
        while (!asked.isEmpty()) {
            answerOne(asked, buffer);
        }
        assertThat(feed.gaps()).as("seed " + seed).isPositive();
        for (int worker = 0; worker < WORKERS; worker++) {
            // What nobody could know at the last comparison shows at the next one.
            feed.digests(worker, digestsTold(worker))
                    .forEach(command -> answer(command, asked, buffer));
            assertThat(feed.isStale(worker)).as("seed " + seed).isFalse();
            assertThat(digestsOfIndex(worker)).as("seed " + seed).isEqualTo(digests(worker));
        }
    }

    @Test
    void aSequenceThatGoesBackIsAWorkerThatStartedAnew() {
        feed.batch(0, batch(0, List.of(stored(1), stored(2))));
        feed.batch(0, batch(1, List.of(stored(3))));
        assertThat(feed.batch(0, new KvEventBatch(0, 7, List.of(stored(9))))).isEmpty();
        assertThat(index.entries()).isEqualTo(1);
        assertThat(index.holds(0, 0, 9)).isTrue();
    }

    @Test
    void aBatchThatIsHeardTwiceCountsOnce() {
        feed.batch(0, batch(0, List.of(stored(1))));
        feed.batch(0, batch(1, List.of(stored(2))));
        assertThat(feed.batch(0, batch(0, List.of(stored(1))))).isEmpty();
        assertThat(index.holds(0, 0, 2)).isTrue();
        index.removed(0, 0, new long[] {1}, 0, 1);
        assertThat(index.holds(0, 0, 1)).isFalse();
    }

    @Test
    void anAnswerThatOvertookTheStreamWaitsForIt() {
        feed.batch(0, batch(0, List.of(stored(1))));
        BlockDigest held = new BlockDigest();
        held.add(1);
        held.add(2);
        held.add(3);
        var told = told(1, List.of(held, new BlockDigest()));
        assertThat(feed.digests(0, told)).isEmpty();
        assertThat(feed.ask(0, false)).as("it may still come").isEmpty();
        assertThat(feed.batch(0, batch(1, List.of(stored(2)))))
                .containsExactly(new FeedCommand.AskKeys(0, 0, 0));
        feed.digests(0, told(5, List.of(held, new BlockDigest())));
        assertThat(feed.ask(0, true)).containsExactly(new FeedCommand.Replay(0, 2));
    }

    @Test
    void aGapAsksForWhatIsMissingAndHoldsBackWhatCameAfterIt() {
        feed.batch(0, batch(0, List.of(stored(1))));
        assertThat(feed.batch(0, batch(3, List.of(stored(4)))))
                .containsExactly(new FeedCommand.Replay(0, 1));
        assertThat(feed.isStale(0)).isTrue();
        assertThat(index.holds(0, 0, 4)).isFalse();
        feed.replayed(0, batch(1, List.of(stored(2))));
        feed.replayed(0, batch(2, List.of(stored(3))));
        feed.replayed(0, batch(3, List.of(stored(4))));
        assertThat(feed.replayEnded(0)).isEmpty();
        assertThat(feed.isStale(0)).isFalse();
        assertThat(index.entries()).isEqualTo(4);
        index.removed(0, 0, new long[] {4}, 0, 1);
        assertThat(index.holds(0, 0, 4)).as("counted once").isFalse();
    }

    @Test
    void whatCannotBeReplayedIsCompared() {
        feed.batch(0, batch(0, List.of(stored(1))));
        feed.batch(0, batch(3, List.of(stored(4))));
        assertThat(feed.replayEnded(0)).containsExactly(new FeedCommand.AskDigests(0));
        assertThat(feed.isStale(0)).isTrue();
        assertThat(index.holds(0, 0, 4)).isTrue();
        BlockDigest held = new BlockDigest();
        held.add(4);
        assertThat(feed.digests(0, told(3, List.of(held, new BlockDigest()))))
                .containsExactly(new FeedCommand.AskKeys(0, 0, 0));
        feed.keys(0, 0, keysOf(0, 0, 3, new long[] {4}));
        assertThat(feed.isStale(0)).isFalse();
        assertThat(index.holds(0, 0, 1)).isFalse();
    }

    private static KvEventBatch batch(long sequence, List<KvEvent> events) {
        return new KvEventBatch(sequence, sequence, events);
    }

    private KvHoldings.Digests digestsTold(int worker) {
        return told(published[worker] - 1L, digests(worker));
    }

    private static KvHoldings.Digests told(long sequence, List<BlockDigest> digests) {
        List<HeldDigest> tiers = new ArrayList<>();
        for (int tier = 0; tier < digests.size(); tier++) {
            BlockDigest digest = digests.get(tier);
            tiers.add(new HeldDigest(TIERS.get(tier), digest.blocks(), digest.sums()));
        }
        return new KvHoldings.Digests(sequence, tiers);
    }

    private static KvHoldings.Keys keysOf(int tier, int range, long sequence, long[] keys) {
        return new KvHoldings.Keys(sequence, TIERS.get(tier), range, keys);
    }

    private static KvEvent stored(long key) {
        return new KvEvent.BlocksStored(
                List.of(new BlockHash(0, 0, 0, key)), null, List.of(), 16, 0, "device", "");
    }

    private void publish(int worker, List<KvEvent> batch) {
        batch.forEach(event -> truth.apply(worker, event));
        kept.get(worker).add(batch);
        published[worker]++;
    }

    private void answerOne(Queue<FeedCommand> asked, int buffer) {
        FeedCommand command = asked.poll();
        if (command != null) {
            answer(command, asked, buffer);
        }
    }

    private void answer(FeedCommand command, Queue<FeedCommand> asked, int buffer) {
        int worker = command.worker();
        long last = published[worker] - 1L;
        switch (command) {
            case FeedCommand.Replay(int _, long from) -> {
                for (long i = Math.max(from, published[worker] - buffer); i <= last; i++) {
                    feed.replayed(worker, batch(i, kept.get(worker).get((int) i)));
                }
                asked.addAll(feed.replayEnded(worker));
            }
            case FeedCommand.AskDigests(int _) ->
                    asked.addAll(feed.digests(worker, digestsTold(worker)));
            case FeedCommand.AskKeys(int _, int tier, int range) -> {
                long[] keys =
                        truth.keys(worker, tier).stream()
                                .mapToLong(Long::longValue)
                                .filter(key -> BlockDigest.range(key) == range)
                                .toArray();
                asked.addAll(feed.keys(worker, tier, keysOf(tier, range, last, keys)));
            }
        }
    }

    private List<BlockDigest> digests(int worker) {
        List<BlockDigest> digests = new ArrayList<>();
        for (int tier = 0; tier < TIERS.size(); tier++) {
            BlockDigest digest = new BlockDigest();
            truth.keys(worker, tier).forEach(digest::add);
            digests.add(digest);
        }
        return digests;
    }

    private List<BlockDigest> digestsOfIndex(int worker) {
        List<BlockDigest> digests = new ArrayList<>();
        for (int tier = 0; tier < TIERS.size(); tier++) {
            digests.add(index.digest(worker, tier));
        }
        return digests;
    }
}
