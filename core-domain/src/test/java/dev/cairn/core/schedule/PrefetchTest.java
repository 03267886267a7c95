package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.StorePolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.ports.cache.BlockTier;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What waits in the queue has its prefix brought from the slow tier to the fast one meanwhile. One
 * sequence runs at a time; a block has 16 tokens and 128 bytes.
 */
class PrefetchTest {

    private static final int[] LONG = Ask.prompt(1, 160);
    private static final double SLOW = 20_000;

    private final CountedLeases staging = new CountedLeases(16 * 128);
    private final ThrottledTier disk = new ThrottledTier("disk", 1000);

    private Bench bench(Map<String, StorePolicy> policies, ThrottledTier... tiers) {
        return new Bench(
                toy -> toy.fullAttention(16, 40).perStep(64, 1, 64),
                SchedulerSettings.forModelLength(400),
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
                                        60_000_000_000L)
                                .with(policies));
    }

    /** A server whose slow tier alone holds the prompt, busy with another request for 200 steps. */
    private Bench busy(Map<String, StorePolicy> policies, ThrottledTier host) {
        bench(Map.of(), disk).run(new Ask("before", LONG).maxTokens(1));
        disk.pace(SLOW);
        Bench bench = bench(policies, host, disk);
        bench.submit(new Ask("busy", Ask.prompt(2, 64)).maxTokens(200));
        while (host.size() < 3) {
            assertThat(bench.driver.runOne()).isTrue();
        }
        return bench;
    }

    private static ThrottledTier host(int blocks) {
        return new ThrottledTier("host", blocks);
    }

    private static List<List<Integer>> cold() {
        return Bench.roomy().run(new Ask("cold", LONG).maxTokens(4)).ids();
    }

    @Test
    void whatWaitsFindsItsPrefixInTheFastTier() {
        ThrottledTier host = host(1000);
        Bench bench = busy(Map.of(), host);
        Heard waits = bench.submit(new Ask("waits", LONG).maxTokens(4));
        bench.finish();
        assertThat(waits.ids()).isEqualTo(cold());
        assertThat(waits.usage().cachedTokens()).isEqualTo(159);
        assertThat(bench.counter("cairn:prefetched_blocks_total{done}")).isEqualTo(10);
        assertThat(bench.counter("cairn:tier_reads_total{host,found}")).isEqualTo(10);
        assertThat(bench.counter("cairn:tier_reads_total{disk,found}")).isEqualTo(10);
        assertThat(staging.lent()).isZero();
    }

    /** Nothing of a request that is gone is brought but what was under way. */
    @Test
    void whoIsGoneIsNotWaitedFor() {
        ThrottledTier host = host(1000);
        Bench bench = busy(Map.of(), host);
        var abort = bench.begin(new Heard(new Ask("aborted", LONG).maxTokens(4).request()));
        bench.driver.runUntil(bench.driver.nanos() + (long) (2.5 * 128 * SLOW));
        abort.cancel();
        bench.finish();
        double done = bench.counter("cairn:prefetched_blocks_total{done}");
        assertThat(done).isBetween(1.0, 7.0);
        assertThat(bench.counter("cairn:prefetched_blocks_total{cancelled}")).isEqualTo(10 - done);
        assertThat(staging.lent()).isZero();
    }

    /** Of a tier of 16 blocks a quarter is for those who wait, whoever they are. */
    @Test
    void thoseWhoWaitTakeAPartOfTheFastTier() {
        bench(Map.of(), disk).run(new Ask("also before", Ask.prompt(3, 160)).maxTokens(1));
        ThrottledTier host = host(16);
        Bench bench = busy(Map.of(), host);
        var first = bench.begin(new Heard(new Ask("first", LONG).maxTokens(4).request()));
        Heard second = new Heard(new Ask("second", Ask.prompt(3, 160)).maxTokens(4).request());
        var other = bench.begin(second);
        bench.driver.runUntil(bench.driver.nanos() + (long) (12 * 128 * SLOW));
        assertThat(bench.counter("cairn:prefetched_blocks_total{done}")).isEqualTo(4);
        first.cancel();
        bench.driver.runUntil(bench.driver.nanos() + (long) (12 * 128 * SLOW));
        assertThat(bench.counter("cairn:prefetched_blocks_total{done}")).isEqualTo(8);
        other.cancel();
        bench.finish();
    }

    @Test
    void aTierThatTakesBlocksLaterIsLeftAlone() {
        for (StorePolicy policy :
                List.of(new StorePolicy.WriteBack(), new StorePolicy.Selective(2))) {
            ThrottledTier host = host(1000);
            bench(Map.of(), host).run(new Ask("fills", Ask.prompt(9, 64)).maxTokens(1));
            Bench bench = busy(Map.of("host", policy), host);
            bench.submit(new Ask("waits", LONG).maxTokens(4));
            bench.finish();
            assertThat(bench.counter("cairn:prefetched_blocks_total{done}")).isZero();
        }
    }
}
