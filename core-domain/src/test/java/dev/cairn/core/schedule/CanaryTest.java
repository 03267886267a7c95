package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.cache.BlockTier;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Checksums cannot see what is wrong since before they were made: a canary computes a share of what
 * was fetched once more, and a tier that gave something else is not read any more.
 */
class CanaryTest {

    private static final int[] LONG = Ask.prompt(1, 160);
    private static final int[] OTHER = Ask.prompt(2, 160);
    private static final int BLOCK_BYTES = 2 * 16 * 8;

    private final CountedLeases staging = new CountedLeases(8 * BLOCK_BYTES);
    private final ThrottledTier tier = new ThrottledTier("disk", 1000);
    private final ThrottledTier faster = new ThrottledTier("host", 1000);

    private Bench bench(double share, ThrottledTier... tiers) {
        return bench(toy -> toy.fullAttention(16, 30).layers(2), share, tiers);
    }

    private Bench bench(
            UnaryOperator<ToyRunner.Builder> shape, double share, ThrottledTier... tiers) {
        return new Bench(
                shape,
                SchedulerSettings.forModelLength(190),
                driver ->
                        new TierChain(
                                        Stream.of(tiers)
                                                .<BlockTier>map(each -> each.attach(driver))
                                                .toList(),
                                        staging,
                                        driver,
                                        100,
                                        4,
                                        FetchPolicy.ALWAYS,
                                        1_000_000_000L)
                                .withCanary(share));
    }

    private static Ask ask(String id, int[] prompt) {
        return new Ask(id, prompt).maxTokens(4);
    }

    private static List<List<Integer>> cold(int[] prompt) {
        return new Bench(toy -> toy.fullAttention(16, 1000).layers(2))
                .run(ask("cold", prompt))
                .ids();
    }

    /** Two tokens of a layer change places, as two heads would. */
    private static void swap(byte[] bytes) {
        swap(bytes, 16 * 8);
    }

    private static void swap(byte[] bytes, int from) {
        for (int i = from; i < from + Long.BYTES; i++) {
            byte first = bytes[i];
            bytes[i] = bytes[Long.BYTES + i];
            bytes[Long.BYTES + i] = first;
        }
    }

    @Test
    void whatWasFetchedAndIsRightIsComputedOnceMoreAndAgrees() {
        bench(0, tier).run(ask("before", LONG));
        Bench bench = bench(1, tier);
        long computed = bench.runner.computedTokens();
        Heard heard = bench.run(ask("after", LONG));
        assertThat(heard.usage().cachedTokens()).isEqualTo(159);
        assertThat(heard.ids()).isEqualTo(cold(LONG));
        assertThat(bench.counter("cairn:canary_total{agreed}")).isEqualTo(1);
        assertThat(bench.runner.computedTokens() - computed).isEqualTo(1 + 3 + 160);
        assertThat(bench.telemetry.gauge("cairn:tier_quarantined")).isZero();
        assertThat(staging.lent()).isZero();
    }

    @Test
    void aLayoutThatIsWrongUnderValidChecksumsIsCaughtAndTheTierIsNotReadAgain() {
        bench(0, tier).run(ask("before", LONG));
        bench(0, tier).run(ask("before too", OTHER));
        tier.rewrite(CanaryTest::swap);
        Bench bench = bench(1, tier);
        Heard wrong = bench.run(ask("wrong", LONG));
        assertThat(wrong.ids()).as("nobody else can see it").isNotEqualTo(cold(LONG));
        assertThat(bench.counter("cairn:canary_total{differed}")).isEqualTo(1);
        assertThat(bench.telemetry.gauge("cairn:tier_quarantined")).isEqualTo(1);
        Heard again = bench.run(ask("again", LONG));
        assertThat(again.ids()).isEqualTo(cold(LONG));
        Heard other = bench.run(ask("other", OTHER));
        assertThat(other.ids()).isEqualTo(cold(OTHER));
        assertThat(other.usage().cachedTokens()).isZero();
        assertThat(staging.lent()).isZero();
    }

    @Test
    void aPeerThatIsWrongIsNotReadAgainAndIsCounted() {
        VirtualDriver driver = new VirtualDriver();
        SimulatedFleet fleet = new SimulatedFleet().attach(driver);
        SharingServer wrong = new SharingServer(fleet, driver, "wrong", tier);
        wrong.bench.run(ask("before", LONG));
        wrong.bench.run(ask("before too", OTHER));
        tier.rewrite(bytes -> swap(bytes, 0));
        Bench bench = new SharingServer(fleet, driver, "asks", 1.0).bench;
        assertThat(bench.telemetry.gauge("cairn:tier_quarantined")).isZero();
        bench.run(ask("wrong", LONG));
        assertThat(bench.counter("cairn:canary_total{differed}")).isEqualTo(1);
        assertThat(bench.telemetry.gauge("cairn:tier_quarantined")).isEqualTo(1);
        assertThat(bench.run(ask("other", OTHER)).usage().cachedTokens()).isZero();
    }

    @Test
    void whatAFasterTierGotFromAWrongOneIsDroppedThereToo() {
        bench(0, tier).run(ask("before", LONG));
        tier.rewrite(CanaryTest::swap);
        Bench bench = bench(1, faster, tier);
        bench.run(ask("promotes", LONG));
        assertThat(bench.counter("cairn:canary_total{differed}")).isEqualTo(1);
        Bench later = bench(0, faster);
        assertThat(later.run(ask("later", LONG)).ids()).isEqualTo(cold(LONG));
    }

    @Test
    void windowsAreComparedAsFarAsTheyReach() {
        UnaryOperator<ToyRunner.Builder> shape =
                toy -> toy.fullAttention(16, 30).window(40, 8, 60).layers(2);
        bench(shape, 0, tier).run(ask("before", LONG));
        Bench bench = bench(shape, 1, tier);
        bench.run(ask("after", LONG));
        assertThat(bench.counter("cairn:canary_total{agreed}")).isEqualTo(1);
        assertThat(bench.counter("cairn:canary_total{differed}")).isZero();
    }

    @Test
    void whoComesMeanwhileGoesFirst() {
        bench(0, tier).run(ask("before", LONG));
        Bench bench = bench(1, tier);
        Heard first = new Heard(ask("first", LONG).request());
        bench.begin(first);
        while (!first.isOver()) {
            assertThat(bench.driver.runOne()).isTrue();
        }
        int steps = bench.runner.batches().size();
        while (bench.runner.batches().size() == steps) {
            assertThat(bench.driver.runOne()).isTrue();
        }
        Heard second = new Heard(ask("second", OTHER).request());
        bench.begin(second);
        bench.finish();
        assertThat(second.ids()).isEqualTo(cold(OTHER));
        assertThat(bench.counter("cairn:canary_total{given_up}")).isEqualTo(1);
        assertThat(staging.lent()).isZero();
    }

    @Test
    void aShareOfTheFetchesIsEnough() {
        bench(0, tier).run(ask("before", LONG));
        Bench bench = bench(0.25, tier);
        double agreed = 0;
        for (int i = 0; i < 8; i++) {
            bench.run(ask("fetch " + i, LONG));
            agreed += bench.counter("cairn:canary_total{agreed}");
            bench = bench(0.25, tier);
        }
        assertThat(agreed).as("each engine's first fetch").isEqualTo(8);
    }
}
