package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel.Publication;
import dev.cairn.ports.cache.KvEventChannel.PublishedAt;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Two seconds after workers come to rest the index is what they hold, whatever was lost. */
class LiveIndexTest {

    private static final int WORKERS = 3;
    private static final long QUIET = TimeUnit.SECONDS.toNanos(2);

    private final VirtualDriver driver = new VirtualDriver();
    private final PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(100_000, WORKERS));
    private final LiveIndex live = new LiveIndex(index, driver, driver, Telemetry.none());
    private final List<Worker> workers = new ArrayList<>();

    @RepeatedTest(60)
    void theIndexEqualsWhatWorkersHold(RepetitionInfo repetition) {
        SeededRandom random = new SeededRandom(repetition.getCurrentRepetition());
        LossyChannel channel = new LossyChannel(driver, random, true, 0.05, 1 + random.nextInt(8));
        run(channel, random, 300);
        driver.runUntil(driver.nanos() + QUIET);
        for (Worker worker : workers) {
            assertThat(live.knowledge(worker.number)).isEqualTo(LiveIndex.Knowledge.CURRENT);
            for (int tier = 0; tier < index.options().tiers().size(); tier++) {
                assertThat(index.digest(worker.number, tier))
                        .as("worker %d, tier %d", worker.number, tier)
                        .isEqualTo(worker.held.digest(0, tier));
            }
        }
    }

    @RepeatedTest(60)
    void ofWorkersWithoutDigestsItNeverSaysWhatTheyDoNotHold(RepetitionInfo repetition) {
        SeededRandom random = new SeededRandom(repetition.getCurrentRepetition());
        LossyChannel channel =
                new LossyChannel(driver, random, false, 0.02, 1 + random.nextInt(40));
        run(channel, random, 300);
        driver.runUntil(driver.nanos() + QUIET);
        long known = 0;
        for (Worker worker : workers) {
            for (int tier = 0; tier < index.options().tiers().size(); tier++) {
                for (int range = 0; range < BlockDigest.RANGES; range++) {
                    for (long key : index.keys(worker.number, tier, range)) {
                        assertThat(worker.held.holds(0, tier, key)).isTrue();
                        known++;
                    }
                }
            }
        }
        assertThat(known).isPositive();
    }

    @Test
    void whoLeavesIsForgottenAndWhoComesBackIsLearnedAnew() {
        SeededRandom random = new SeededRandom(5);
        LossyChannel channel = new LossyChannel(driver, random, true, 0, 10_000);
        run(channel, random, 50);
        driver.runUntil(driver.nanos() + QUIET);
        long entries = index.entries();
        live.leave(1);
        driver.runUntil(driver.nanos() + QUIET);
        assertThat(index.digest(1, 0).blocks()).isZero();
        assertThat(live.knowledge(1)).isEqualTo(LiveIndex.Knowledge.NONE);
        live.follow(1, "1", channel, "at-1", EventTranslation.none());
        driver.runUntil(driver.nanos() + QUIET);
        assertThat(index.entries()).isEqualTo(entries);
    }

    @Test
    void oneThatFollowsNobodyRests() {
        live.follow(
                0,
                "0",
                new LossyChannel(driver, new SeededRandom(1), true, 0, 1),
                "at-0",
                EventTranslation.none());
        driver.runUntil(QUIET);
        live.close();
        driver.runUntilIdle(100);
        assertThat(driver.runOne()).isFalse();
    }

    /** Random changes, of caches that restart now and then. */
    private void run(LossyChannel channel, SeededRandom random, int changes) {
        var chains = new ChainsOfBlocks(random, 30, 40, PrefixIndexOptions.TIERS, 2);
        for (int worker = 0; worker < WORKERS; worker++) {
            workers.add(new Worker(worker, channel));
            live.follow(worker, "" + worker, channel, "at-" + worker, EventTranslation.none());
        }
        for (int i = 0; i < changes * WORKERS; i++) {
            Worker worker = workers.get(random.nextInt(WORKERS));
            worker.news.on(List.of(chains.anyEvent(), chains.anyEvent()));
            if (random.nextInt(3) == 0) {
                driver.runUntil(driver.nanos() + random.nextInt(20_000_000));
            }
            if (random.nextInt(300) == 0) {
                worker.restart();
            }
        }
    }

    /** A worker, and plainly what it holds. */
    private final class Worker {

        private final int number;
        private final LossyChannel channel;
        private CacheNews news;
        private Publication publication;
        private PrefixIndex held;

        Worker(int number, LossyChannel channel) {
            this.number = number;
            this.channel = channel;
            start();
        }

        private void start() {
            news = new CacheNews(description(), List.of(), driver, driver, driver);
            held = new PrefixIndex(new PrefixIndexOptions(100_000, 1));
            news.publishBy(new Mirror(held));
            publication = channel.publish(new PublishedAt("at-" + number, "w", "m"), news);
            news.publishBy(publication);
        }

        void restart() {
            publication.close();
            news.close();
            driver.runUntil(driver.nanos() + 30_000_000);
            start();
        }
    }

    /** Applies what is published without any channel between. */
    private record Mirror(PrefixIndex held) implements Publication {

        @Override
        public void publish(KvEventBatch batch) {
            batch.events().forEach(event -> held.apply(0, event));
        }

        @Override
        public String address() {
            return "";
        }

        @Override
        public long dropped() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private static RunnerDescription description() {
        KvLayout layout = new KvLayout(1, 16, 1, 4, KvType.FLOAT32);
        return new RunnerDescription(
                "simulated",
                "simulated",
                new ModelFingerprint("0".repeat(64)),
                new ComputeIdentity("simulated"),
                List.of(
                        new LayerGroup(0, new StateKind.SlidingWindow(64), List.of(0), layout),
                        new LayerGroup(1, new StateKind.FullAttention(), List.of(1), layout)),
                List.of(100, 100),
                300,
                1 << 20,
                512,
                64,
                512,
                1,
                0,
                0);
    }
}
