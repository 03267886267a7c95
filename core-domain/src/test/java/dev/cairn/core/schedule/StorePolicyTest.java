package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.StorePolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * When blocks come to which tier. A block has 16 tokens; prompts have 10 blocks, the device holds
 * 40.
 */
class StorePolicyTest {

    private static final StorePolicy WRITE_BACK = new StorePolicy.WriteBack();

    private final CountedLeases staging = new CountedLeases(8 * 128);
    private final ThrottledTier host = new ThrottledTier("host", 40);
    private final ThrottledTier disk = new ThrottledTier("disk", 1000);

    private Bench bench(Map<String, StorePolicy> policies, ThrottledTier... tiers) {
        return new Bench(
                toy -> toy.fullAttention(16, 40).perStep(64, 8, 64),
                SchedulerSettings.forModelLength(190),
                driver ->
                        new TierChain(
                                        Stream.of(tiers)
                                                .<BlockTier>map(tier -> tier.attach(driver))
                                                .toList(),
                                        staging,
                                        driver,
                                        100,
                                        4,
                                        FetchPolicy.ALWAYS,
                                        1_000_000_000L)
                                .with(policies));
    }

    @AfterEach
    void nothingIsLentForEver() {
        assertThat(staging.lent()).isZero();
    }

    private static int[] prompt(int number) {
        return Ask.prompt(100 + number, 160);
    }

    private static int cached(Bench bench, String id, int number) {
        return (int) bench.run(new Ask(id, prompt(number)).maxTokens(1)).usage().cachedTokens();
    }

    @Test
    void aSelectiveTierGetsWhatWasUsedAgain() {
        Bench bench = bench(Map.of("host", new StorePolicy.Selective(2)), host);
        cached(bench, "first", 0);
        assertThat(host.size()).as("blocks that were used once").isZero();
        assertThat(cached(bench, "second", 0)).isEqualTo(159);
        // The tenth block ends with the token that is computed anew, and is not restored whole.
        assertThat(host.size()).isEqualTo(9);
        cached(bench, "another", 1);
        assertThat(host.size()).isEqualTo(9);
    }

    @Test
    void usesAreCountedAcrossEvictions() {
        Bench bench = bench(Map.of("host", new StorePolicy.Selective(3)), host);
        for (int round = 1; round <= 3; round++) {
            assertThat(host.size()).isZero();
            assertThat(cached(bench, "round " + round, 0)).isZero();
            for (int other = 0; round < 3 && other < 5; other++) {
                cached(bench, "other %d %d".formatted(round, other), 10 * round + other);
            }
        }
        assertThat(host.size()).isEqualTo(10);
    }

    @Test
    void aSelectiveTierTakesWhatASlowerOneGaveOftenEnough() {
        bench(Map.of(), disk).run(new Ask("before", prompt(0)).maxTokens(1));
        Bench bench = bench(Map.of("host", new StorePolicy.Selective(2)), host, disk);
        assertThat(cached(bench, "first", 0)).isEqualTo(159);
        assertThat(host.size()).isZero();
        cached(bench, "second", 0);
        assertThat(host.size()).isEqualTo(9);
    }

    @Test
    void aWriteBackTierGetsWhatTheDeviceLetsGoAndNothingElse() {
        Bench bench = bench(Map.of("host", WRITE_BACK), host);
        cached(bench, "first", 0);
        cached(bench, "second", 1);
        assertThat(host.size()).as("blocks while the device has room").isZero();
        for (int i = 2; i < 5; i++) {
            cached(bench, "more " + i, i);
        }
        assertThat(host.size()).isPositive().isLessThan(50);
        assertThat(cached(bench, "again", 0)).isEqualTo(159);
        assertThat(bench.counter("cairn:blocks_not_stored_total{evicted_first}")).isZero();
    }

    @Test
    void writeBackLosesNothingUnderSteadyPressure() {
        Bench bench = bench(Map.of("disk", WRITE_BACK), disk);
        for (int i = 0; i < 40; i++) {
            cached(bench, "fill " + i, i);
        }
        for (int i = 0; i < 40; i++) {
            assertThat(cached(bench, "ask " + i, i)).as("prompt %d", i).isEqualTo(159);
        }
    }

    @Test
    void aSlowerWriteBackTierGetsWhatTheFasterOneWouldLetGo() {
        Bench bench = bench(Map.of("disk", WRITE_BACK), host, disk);
        cached(bench, "first", 0);
        cached(bench, "second", 1);
        assertThat(host.size()).isEqualTo(20);
        assertThat(disk.size()).as("blocks while the host tier has room").isZero();
        for (int i = 2; i < 20; i++) {
            cached(bench, "more " + i, i);
        }
        assertThat(host.size()).isEqualTo(40);
        assertThat(disk.size()).isBetween(160, 200);
        for (int i = 0; i < 20; i++) {
            assertThat(cached(bench, "ask " + i, i)).as("prompt %d", i).isEqualTo(159);
        }
    }

    @Test
    void aServerThatStopsWritesWhatOnlyTheDeviceAndTheHostHave() {
        Map<String, StorePolicy> policies = Map.of("host", WRITE_BACK, "disk", WRITE_BACK);
        Bench bench = bench(policies, host, disk);
        for (int i = 0; i < 5; i++) {
            cached(bench, "fill " + i, i);
        }
        assertThat(host.size()).isPositive();
        assertThat(disk.size()).isZero();
        List<Integer> written = new ArrayList<>();
        bench.backend
                .cache()
                .orElseThrow()
                .writeBack(
                        new Completion<>() {
                            @Override
                            public void completed(Integer blocks) {
                                written.add(blocks);
                            }

                            @Override
                            public void failed(Throwable failure) {
                                throw new AssertionError(failure);
                            }
                        });
        bench.finish();
        assertThat(written).hasSize(1);
        assertThat(disk.size()).isEqualTo(50);
        Bench after = bench(policies, disk);
        for (int i = 0; i < 5; i++) {
            assertThat(cached(after, "ask " + i, i)).isEqualTo(159);
        }
    }

    @Test
    void whatAnEngineWouldForgetInItsSleepIsWritten() {
        Bench bench = bench(Map.of("host", WRITE_BACK), host);
        cached(bench, "first", 0);
        assertThat(host.size()).isZero();
        sleep(bench);
        assertThat(host.size()).isEqualTo(10);
        assertThat(cached(bench, "again", 0)).isEqualTo(159);
    }

    @Test
    void aTierThatTakesNothingKeepsNoEngineAwakeForLong() {
        Bench bench = bench(Map.of("host", WRITE_BACK), host);
        for (int i = 0; i < 3; i++) {
            cached(bench, "fill " + i, i);
        }
        host.pace(1e9);
        sleep(bench);
        assertThat(bench.driver.nanos()).isLessThan(5_000_000_000L);
        bench.finish();
    }

    private static void sleep(Bench bench) {
        Sleeper sleeper = bench.backend.sleeper().orElseThrow();
        Completion<Void> ignored =
                new Completion<>() {
                    @Override
                    public void completed(Void nothing) {
                        // What matters is what the engine says of itself.
                    }

                    @Override
                    public void failed(Throwable failure) {
                        throw new AssertionError(failure);
                    }
                };
        sleeper.sleep(SleepMode.KEEP, ignored);
        while (!bench.runner.isAsleep()) {
            assertThat(bench.driver.runOne()).isTrue();
        }
        sleeper.wake(ignored);
        while (sleeper.isAsleep()) {
            assertThat(bench.driver.runOne()).isTrue();
        }
    }
}
