package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.core.testing.ThrottledTier.Fate;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What requests gain from tiers below the device, and that tiers can only lose time. A block has 16
 * tokens and 128 bytes; the device holds 12 blocks.
 */
class TieredCachingTest {

    private static final int[] LONG = Ask.prompt(1, 160);
    private static final int[] OTHER = Ask.prompt(2, 160);
    private static final long SECOND = 1_000_000_000L;

    private final CountedLeases staging = new CountedLeases(8 * 128);
    private final ThrottledTier host = new ThrottledTier("host", 1000);
    private final ThrottledTier disk = new ThrottledTier("disk", 1000);

    private Bench bench(ThrottledTier... tiers) {
        return bench(chain -> chain, tiers);
    }

    private Bench bench(UnaryOperator<TierChain> with, ThrottledTier... tiers) {
        return new Bench(
                toy -> toy.fullAttention(16, 12),
                SchedulerSettings.forModelLength(190),
                driver ->
                        with.apply(
                                new TierChain(
                                        Stream.of(tiers)
                                                .<BlockTier>map(tier -> tier.attach(driver))
                                                .toList(),
                                        staging,
                                        driver,
                                        100,
                                        4,
                                        FetchPolicy.MEASURED,
                                        SECOND)));
    }

    private static List<List<Integer>> cold(int[] prompt) {
        return Bench.roomy().run(new Ask("cold", prompt).maxTokens(4)).ids();
    }

    private Heard ask(Bench bench, String id, int[] prompt) {
        Heard heard = bench.run(new Ask(id, prompt).maxTokens(4));
        assertThat(heard.ids()).isEqualTo(cold(prompt));
        assertThat(staging.lent()).as("staging memory that never came back").isZero();
        return heard;
    }

    @Test
    void whatTheDeviceEvictedComesBackFromATier() {
        Bench bench = bench(host);
        ask(bench, "first", LONG);
        ask(bench, "other", OTHER);
        long computed = bench.runner.computedTokens();
        Heard again = ask(bench, "again", LONG);
        assertThat(again.usage().cachedTokens()).isEqualTo(159);
        assertThat(bench.runner.computedTokens() - computed).isEqualTo(1 + 3);
        assertThat(bench.counter("cairn:tier_reads_total{host,found}")).isPositive();
    }

    @Test
    void tiersOutliveTheEngine() {
        ask(bench(host), "before", LONG);
        assertThat(ask(bench(host), "after", LONG).usage().cachedTokens()).isEqualTo(159);
    }

    @Test
    void aPrefixComesPartlyFromEachTier() {
        ask(bench(host, disk), "before", LONG);
        host.forget(keys -> keys.subList(3, keys.size()).clear());
        disk.forget(keys -> keys.subList(7, keys.size()).clear());
        Bench bench = bench(host, disk);
        assertThat(ask(bench, "after", LONG).usage().cachedTokens()).isEqualTo(7 * 16);
        assertThat(bench.counter("cairn:tier_reads_total{host,found}")).isEqualTo(3);
        assertThat(bench.counter("cairn:tier_reads_total{disk,found}")).isEqualTo(4);
    }

    @Test
    void aFetchHasASpanThatSaysWhatCameFromWhere() {
        ask(bench(host, disk), "before", LONG);
        host.forget(keys -> keys.subList(3, keys.size()).clear());
        disk.forget(keys -> keys.subList(7, keys.size()).clear());
        Bench bench = bench(host, disk);
        ask(bench, "after", LONG);
        assertThat(bench.telemetry.spans())
                .singleElement()
                .satisfies(
                        span -> {
                            assertThat(span.name()).isEqualTo("onboard");
                            assertThat(span.hasEnded()).isTrue();
                            assertThat(span.attributes())
                                    .containsEntry("cairn.onboard.tokens", 112L)
                                    .containsEntry("cairn.onboard.bytes", 7 * 128L)
                                    .containsEntry("cairn.onboard.arrived_bytes", 7 * 128L)
                                    .containsEntry("cairn.onboard.blocks", "{disk=4, host=3}")
                                    .containsEntry("cairn.onboard.outcome", "complete");
                        });
    }

    @Test
    void whatASlowerTierGaveIsInTheFasterOneAfterwards() {
        ask(bench(disk), "before", LONG);
        ask(bench(host, disk), "promotes", LONG);
        assertThat(host.size()).isEqualTo(disk.size());
        Bench bench = bench(host, disk);
        assertThat(ask(bench, "after", LONG).usage().cachedTokens()).isEqualTo(159);
        assertThat(bench.counter("cairn:tier_reads_total{host,found}")).isEqualTo(10);
    }

    @Test
    void aDamagedBlockIsAMissAndIsComputed() {
        ask(bench(host), "before", LONG);
        int[] reads = new int[1];
        host.fate(_ -> reads[0]++ == 2 ? Fate.FLIPPED : Fate.GOOD);
        Bench bench = bench(host);
        assertThat(ask(bench, "after", LONG).usage().cachedTokens()).isEqualTo(2 * 16);
        assertThat(bench.counter("cairn:tier_corruptions_total{host}")).isEqualTo(1);
        // It was computed, and so stored anew.
        assertThat(ask(bench(host), "later", LONG).usage().cachedTokens()).isEqualTo(159);
    }

    /** Blocks go into the device from where they lie: no read, no memory in between. */
    @Test
    void whatATierLendsIsCopiedOnce() {
        ask(bench(host), "before", LONG);
        host.lendingToReaders().fate(_ -> Fate.GOOD);
        long reads = host.counts().hits();
        Bench bench = bench(host);
        assertThat(ask(bench, "after", LONG).usage().cachedTokens()).isEqualTo(159);
        assertThat(host.counts().hits()).isEqualTo(reads);
        assertThat(bench.counter("cairn:tier_reads_total{host,found}")).isEqualTo(10);
        assertThat(host.lent()).isZero();
    }

    /** A device that copies into a tier's memory needs none in between; no more is out at once. */
    @Test
    void blocksLeaveToWhereATierKeepsThem() {
        CountedLeases rooms = new CountedLeases(8 * 128);
        host.offering(rooms);
        ask(bench(TierChain::storingInPlace, host, disk), "before", LONG);
        assertThat(rooms.everLent()).isEqualTo(10 * 128);
        assertThat(rooms.lent()).isZero();
        assertThat(staging.everLent()).isZero();
        assertThat(disk.size()).isEqualTo(10);
        assertThat(ask(bench(host), "after", LONG).usage().cachedTokens()).isEqualTo(159);
    }

    /** A tier without room, or whose room is taken, gets its blocks as ever. */
    @Test
    void blocksLeaveThroughStagingMemoryWhereThereIsNoRoom() {
        CountedLeases rooms = new CountedLeases(2 * 128);
        host.offering(rooms);
        ask(bench(TierChain::storingInPlace, host), "before", LONG);
        assertThat(rooms.everLent() + staging.everLent()).isEqualTo(10 * 128);
        assertThat(rooms.lent()).isZero();
        assertThat(ask(bench(host), "after", LONG).usage().cachedTokens()).isEqualTo(159);
    }

    /** The tier sees by a read that what it lent is damaged, and drops it. */
    @Test
    void aDamagedLoanIsAMissAndIsComputed() {
        ask(bench(host), "before", LONG);
        int[] loans = new int[1];
        host.lendingToReaders().fate(_ -> loans[0]++ == 2 ? Fate.FLIPPED : Fate.GOOD);
        Bench bench = bench(host);
        assertThat(ask(bench, "after", LONG).usage().cachedTokens()).isLessThan(159);
        assertThat(bench.counter("cairn:tier_corruptions_total{host}")).isEqualTo(1);
        assertThat(host.counts().damaged()).isEqualTo(1);
        assertThat(host.lent()).isZero();
        assertThat(ask(bench(host), "later", LONG).usage().cachedTokens()).isEqualTo(159);
    }

    @Test
    void aTierThatNeverAnswersCostsTheDeadlineAndNothingElse() {
        ask(bench(host), "before", LONG);
        host.fate(_ -> Fate.STALLS);
        Bench bench = bench(host);
        Heard heard = new Heard(new Ask("after", LONG).maxTokens(4).request());
        bench.begin(heard);
        while (!heard.isOver()) {
            bench.driver.runOne();
        }
        assertThat(heard.ids()).isEqualTo(cold(LONG));
        assertThat(bench.driver.nanos()).isBetween(SECOND, 2 * SECOND);
        assertThat(bench.counter("cairn:fetches_cut_short_total{deadline}")).isEqualTo(1);
        bench.finish();
    }

    @Test
    void whoIsWaitingForATierCanBeAborted() {
        ask(bench(host), "before", LONG);
        host.fate(_ -> Fate.STALLS);
        Bench bench = bench(host);
        Heard heard = new Heard(new Ask("aborted", LONG).maxTokens(4).request());
        Cancellation abort = bench.begin(heard);
        bench.driver.runOne();
        assertThat(bench.backend.load().usedBlocks()).as("blocks to be filled").isPositive();
        abort.cancel();
        bench.finish();
        assertThat(heard.problem().code()).isEqualTo("request_cancelled");
        assertThat(staging.lent()).isZero();
    }

    @Test
    void whatAnEngineForgotInItsSleepComesFromATier() {
        Bench bench = bench(host);
        ask(bench, "before", LONG);
        sleepAndWake(bench);
        assertThat(ask(bench, "after", LONG).usage().cachedTokens()).isEqualTo(159);
    }

    @Test
    void aTierThatStallsDoesNotKeepAnEngineAwake() {
        ask(bench(host), "before", LONG);
        host.fate(_ -> Fate.STALLS);
        Bench bench = bench(host);
        Heard heard = new Heard(new Ask("kept", LONG).maxTokens(4).request());
        bench.begin(heard);
        bench.driver.runOne();
        sleepAndWake(bench);
        assertThat(bench.driver.nanos()).isLessThan(SECOND);
        bench.finish();
        assertThat(heard.ids()).isEqualTo(cold(LONG));
    }

    private static void sleepAndWake(Bench bench) {
        Sleeper sleeper = bench.backend.sleeper().orElseThrow();
        sleeper.sleep(SleepMode.KEEP, new Ignored());
        while (!bench.runner.isAsleep() || !sleeper.isAsleep()) {
            assertThat(bench.driver.runOne()).isTrue();
        }
        sleeper.wake(new Ignored());
        while (sleeper.isAsleep()) {
            assertThat(bench.driver.runOne()).isTrue();
        }
    }

    private static final class Ignored implements Completion<Void> {

        @Override
        public void completed(Void nothing) {
            // What matters is what the engine says of itself.
        }

        @Override
        public void failed(Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void requestsThatShareAPrefixFetchItOnce() {
        ask(bench(host), "before", LONG);
        Bench bench = bench(host);
        List<Heard> together =
                Stream.of("a", "b", "c")
                        .map(id -> bench.submit(new Ask(id, LONG).maxTokens(4)))
                        .toList();
        bench.finish();
        assertThat(together).allMatch(heard -> heard.usage().cachedTokens() == 159);
        assertThat(together).allMatch(heard -> heard.ids().equals(cold(LONG)));
        assertThat(bench.counter("cairn:tier_reads_total{host,found}")).isEqualTo(10);
    }

    @Test
    void tenantsShareNothingInATierEither() {
        bench(host).run(new Ask("before", LONG).maxTokens(4).tenant("one"));
        Bench bench = bench(host);
        Heard other = bench.run(new Ask("after", LONG).maxTokens(4).tenant("two"));
        assertThat(other.usage().cachedTokens()).isZero();
        Heard own = bench.run(new Ask("own", LONG).maxTokens(4).tenant("one"));
        assertThat(own.usage().cachedTokens()).isEqualTo(159);
    }
}
