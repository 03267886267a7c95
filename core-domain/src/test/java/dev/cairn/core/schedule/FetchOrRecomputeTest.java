package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.share.TierSource;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whether a prefix is fetched or computed follows what was measured: over many requests it costs
 * hardly more than the better of the two would, wherever break-even lies and when it moves.
 */
class FetchOrRecomputeTest {

    private static final int REQUESTS = 40;
    private static final int TOKENS = 641;
    private static final int BLOCK_BYTES = 16 * 8;

    /** The toy computes 640 tokens in 10 steps of 1 ms and 10 µs a token. */
    private static final double COMPUTE_NANOS = 10 * 1_000_000 + 640 * 10_000;

    private static final double BREAK_EVEN = COMPUTE_NANOS / (40 * BLOCK_BYTES);

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9, 1.1, 2, 10})
    void hardlyWorseThanTheBetterAtAnyPace(double ofBreakEven) {
        assertRegret(_ -> ofBreakEven * BREAK_EVEN);
    }

    @Test
    void followsATierThatBecomesTwentyTimesSlower() {
        List<Long> times = assertRegret(i -> (i < 20 ? 0.2 : 4) * BREAK_EVEN);
        // The first one to meet the slow tier pays for it; from the third on, nobody does.
        assertThat(times.subList(22, REQUESTS)).allMatch(nanos -> nanos < 1.1 * COMPUTE_NANOS);
    }

    @Test
    void followsATierThatBecomesTwentyTimesFaster() {
        List<Long> times = assertRegret(i -> (i < 20 ? 4 : 0.2) * BREAK_EVEN);
        assertThat(times.subList(23, REQUESTS)).allMatch(nanos -> nanos < 0.5 * COMPUTE_NANOS);
    }

    private static List<Long> assertRegret(IntToDoubleFunction pace) {
        assertRegret("a peer", FetchOrRecomputeTest::fromPeer, pace);
        return assertRegret("a tier", FetchOrRecomputeTest::fromTier, pace);
    }

    private static List<Long> assertRegret(String place, Source source, IntToDoubleFunction pace) {
        List<Long> chosen = source.times(FetchPolicy.MEASURED, pace);
        List<Long> fetched = source.times(FetchPolicy.ALWAYS, pace);
        List<Long> computed = source.times(FetchPolicy.MEASURED, _ -> 1e6);
        long better = Math.min(sum(fetched), sum(computed));
        System.out.printf(
                "fetch from %s or recompute: %.2f of the better (fetch %.1f ms, compute %.1f ms)%n",
                place, (double) sum(chosen) / better, sum(fetched) / 1e6, sum(computed) / 1e6);
        assertThat((double) sum(chosen)).isLessThanOrEqualTo(1.1 * better);
        return chosen;
    }

    private static long sum(List<Long> times) {
        return times.stream().mapToLong(Long::longValue).sum();
    }

    /** Time to the first token of prompts that are to be had elsewhere and not in the device. */
    private interface Source {

        /**
         * @param pace nanoseconds per byte for every request
         */
        List<Long> times(FetchPolicy policy, IntToDoubleFunction pace);
    }

    private static List<Long> fromTier(FetchPolicy policy, IntToDoubleFunction pace) {
        ThrottledTier tier = new ThrottledTier("tier", 10_000);
        Bench bench = bench(driver -> chain(driver, policy, List.of(tier.attach(driver))));
        for (int i = 0; i < REQUESTS; i++) {
            timeOf(bench, i, "store");
        }
        return times(bench, tier::pace, pace);
    }

    private static List<Long> fromPeer(FetchPolicy policy, IntToDoubleFunction pace) {
        ThrottledTier tier = new ThrottledTier("tier", 10_000).lending();
        Bench before = bench(driver -> chain(driver, policy, List.of(tier.attach(driver))));
        for (int i = 0; i < REQUESTS; i++) {
            timeOf(before, i, "store");
        }
        SimulatedFleet fleet = new SimulatedFleet();
        SimulatedFleet.Node peer = fleet.join("peer");
        peer.directory().announce(tier.keys(), "tier");
        Bench bench =
                bench(
                        driver -> {
                            fleet.attach(driver);
                            peer.transport()
                                    .serve(
                                            new TierSource(
                                                    List.of(tier.attach(driver)),
                                                    new CountedLeases(BLOCK_BYTES),
                                                    driver,
                                                    Telemetry.none()));
                            return chain(driver, policy, List.of())
                                    .with(fleet.join("self").ports());
                        });
        timeOf(bench, REQUESTS, "so that it knows how fast it computes");
        return times(bench, peer.transport()::pace, pace);
    }

    private static Bench bench(Function<VirtualDriver, TierChain> chain) {
        return new Bench(
                toy -> toy.fullAttention(16, 42).maxPositions(1000),
                SchedulerSettings.forModelLength(670),
                chain);
    }

    private static TierChain chain(
            VirtualDriver driver, FetchPolicy policy, List<BlockTier> tiers) {
        return new TierChain(
                tiers,
                new CountedLeases(8 * BLOCK_BYTES),
                driver,
                1000,
                4,
                policy,
                60_000_000_000L);
    }

    private static List<Long> times(Bench bench, DoubleConsumer set, IntToDoubleFunction pace) {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            set.accept(pace.applyAsDouble(i));
            times.add(timeOf(bench, i, "ask"));
        }
        return times;
    }

    private static long timeOf(Bench bench, int prompt, String what) {
        Ask ask = new Ask(what + prompt, Ask.prompt(prompt, TOKENS)).maxTokens(1);
        Heard heard = new Heard(ask.request());
        long begin = bench.driver.nanos();
        bench.begin(heard);
        while (!heard.isOver()) {
            bench.driver.runOne();
        }
        long nanos = bench.driver.nanos() - begin;
        bench.finish();
        return nanos;
    }
}
