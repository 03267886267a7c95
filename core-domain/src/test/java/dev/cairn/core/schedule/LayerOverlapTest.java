package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.share.TierSource;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.core.testing.ThrottledTier.Fate;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A prefix comes layer by layer, and what follows it is computed meanwhile: together they take
 * hardly longer than the longer of the two. What goes wrong on the way costs time, never a token.
 */
class LayerOverlapTest {

    private static final int LAYERS = 16;
    private static final int BLOCK_TOKENS = 16;
    private static final int PREFIX = 40 * BLOCK_TOKENS;
    private static final int TAIL = 640;
    private static final int BLOCK_BYTES = LAYERS * BLOCK_TOKENS * 8;

    /** The toy computes the tail in one step of 1 ms and 10 µs a token. */
    private static final double TAIL_NANOS = 1_000_000 + TAIL * 10_000;

    private static final double EQUAL_PACE = TAIL_NANOS / (PREFIX / BLOCK_TOKENS * BLOCK_BYTES);

    private static final int SHORT_TAIL = 16;
    private static final double SHORT_TAIL_NANOS = 1_000_000 + SHORT_TAIL * 10_000;

    private final ThrottledTier tier = new ThrottledTier("tier", 10_000);
    private final CountedLeases staging = new CountedLeases(8 * BLOCK_BYTES);

    private Bench bench(FetchPolicy policy) {
        return bench(driver -> chain(driver, policy, List.of(tier.attach(driver))));
    }

    private TierChain chain(VirtualDriver driver, FetchPolicy policy, List<BlockTier> tiers) {
        return new TierChain(tiers, staging, driver, 1000, 8, policy, 60_000_000_000L);
    }

    private static Bench bench(Function<VirtualDriver, TierChain> chain) {
        return new Bench(
                toy ->
                        toy.fullAttention(BLOCK_TOKENS, 90)
                                .layers(LAYERS)
                                .perStep(1024, 8, 64)
                                .maxPositions(1400),
                SchedulerSettings.forModelLength(1400),
                chain);
    }

    /** A prefix that the tier holds, and a tail that nobody has computed. */
    private static Ask ask(String id, int prefix, int tail) {
        int[] prompt =
                IntStream.concat(
                                IntStream.of(Ask.prompt(prefix, PREFIX)),
                                IntStream.of(Ask.prompt(1000 + tail, TAIL)))
                        .toArray();
        return new Ask(id, prompt).maxTokens(2);
    }

    /** Stores prefixes 0 to 3, then asks so often that the paces are known. */
    private Bench warm(double pace, FetchPolicy policy) {
        tier.pace(pace);
        Bench bench = bench(policy);
        for (int prefix = 0; prefix < 4; prefix++) {
            bench.run(new Ask("store " + prefix, Ask.prompt(prefix, PREFIX)).maxTokens(1));
        }
        for (int i = 0; i < 3; i++) {
            bench.run(ask("warm " + i, i, i));
        }
        return bench;
    }

    /**
     * What a step costs by itself is most of what a short tail takes: a prefix that comes in that
     * time is hidden behind it, although a token of a large chunk costs next to nothing.
     */
    @Test
    void aPrefixIsHiddenBehindAShortTail() {
        Bench bench = warm(EQUAL_PACE, FetchPolicy.ALWAYS);
        bench.run(new Ask("a short prompt", Ask.prompt(60, SHORT_TAIL)).maxTokens(1));
        tier.pace(EQUAL_PACE * SHORT_TAIL_NANOS / TAIL_NANOS);
        for (int i = 1; i < 3; i++) {
            bench.run(ask("learns the tier's pace " + i, i, 10 + i));
        }
        int[] prompt =
                IntStream.concat(
                                IntStream.of(Ask.prompt(3, PREFIX)),
                                IntStream.of(Ask.prompt(2000, SHORT_TAIL)))
                        .toArray();
        Heard heard = new Heard(new Ask("timed", prompt).maxTokens(2).request());
        double nanos = timeToFirst(bench, heard);
        bench.finish();
        assertThat(heard.usage().cachedTokens()).isEqualTo(PREFIX);
        assertThat(nanos).isLessThanOrEqualTo(1.4 * SHORT_TAIL_NANOS);
        assertAsCold(heard);
    }

    /** In how many parts a block comes is the tier's to say. */
    @Test
    void aTierIsNotAskedForSmallerPartsThanItGivesWell() {
        tier.leastReadBytes(BLOCK_BYTES / 4);
        Bench bench = warm(EQUAL_PACE, FetchPolicy.ALWAYS);
        long hits = tier.counts().hits();
        bench.run(ask("in four parts", 3, 9));
        assertThat(tier.counts().hits() - hits).isEqualTo(4 * PREFIX / BLOCK_TOKENS);
        assertThat(gatedSteps(bench)).isPositive();
    }

    @Test
    void aTierThatGivesWholeBlocksWellIsAskedForThose() {
        tier.leastReadBytes(BLOCK_BYTES / 2 + 1);
        Bench bench = warm(EQUAL_PACE, FetchPolicy.ALWAYS);
        long hits = tier.counts().hits();
        bench.run(ask("whole", 3, 9));
        assertThat(tier.counts().hits() - hits).isEqualTo(PREFIX / BLOCK_TOKENS);
        assertThat(gatedSteps(bench)).isZero();
    }

    private static long timeToFirst(Bench bench, Heard heard) {
        long begin = bench.driver.nanos();
        bench.begin(heard);
        while (heard.ids().getFirst().isEmpty()) {
            assertThat(bench.driver.runOne()).isTrue();
        }
        return bench.driver.nanos() - begin;
    }

    private static void assertAsCold(Heard heard) {
        Bench cold =
                new Bench(
                        toy ->
                                toy.fullAttention(BLOCK_TOKENS, 200)
                                        .layers(LAYERS)
                                        .perStep(1024, 8, 64)
                                        .maxPositions(1400));
        Heard expected = cold.submit(heard.request());
        cold.finish();
        assertThat(heard.answer()).isEqualTo(expected.answer());
    }

    private static long gatedSteps(Bench bench) {
        return bench.runner.batches().stream().filter(LayerOverlapTest::isGated).count();
    }

    private static boolean isGated(StepBatch batch) {
        return batch.sequences().stream().anyMatch(step -> step.gate() != LayerGate.OPEN);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.8, 1, 1.25, 2})
    void copyAndComputeTogetherTakeHardlyLongerThanTheLongerOfThem(double ofEqual) {
        Bench bench = warm(ofEqual * EQUAL_PACE, FetchPolicy.ALWAYS);
        Heard heard = new Heard(ask("timed", 3, 9).request());
        double nanos = timeToFirst(bench, heard);
        bench.finish();
        double longer = Math.max(1, ofEqual) * TAIL_NANOS;
        System.out.printf(
                "copy %.2f of compute: %.3f of the longer of the two%n", ofEqual, nanos / longer);
        assertThat(heard.usage().cachedTokens()).isEqualTo(PREFIX);
        assertThat(nanos).isLessThanOrEqualTo(1.15 * longer);
        assertThat(gatedSteps(bench)).isPositive();
        assertAsCold(heard);
        assertThat(staging.lent()).isZero();
    }

    /**
     * A member without tiers whose peer has the prefixes 0 to 3, and whose paces are known.
     *
     * @param peer holds the prefixes, in a tier of this name
     */
    private Bench besidePeer(ThrottledTier peer) {
        Bench stores = bench(d -> chain(d, FetchPolicy.ALWAYS, List.of(peer.attach(d))));
        for (int prefix = 0; prefix < 4; prefix++) {
            stores.run(new Ask("store " + prefix, Ask.prompt(prefix, PREFIX)).maxTokens(1));
        }
        SimulatedFleet fleet = new SimulatedFleet();
        SimulatedFleet.Node node = fleet.join("peer");
        node.directory().announce(peer.keys(), peer.name());
        node.transport().pace(EQUAL_PACE);
        Bench bench =
                bench(
                        driver -> {
                            fleet.attach(driver);
                            List<BlockTier> lent = List.of(peer.attach(driver));
                            var serving = new CountedLeases(8 * BLOCK_BYTES);
                            node.transport()
                                    .serve(new TierSource(lent, serving, driver, Telemetry.none()));
                            return chain(driver, FetchPolicy.ALWAYS, List.of())
                                    .withLeastReadBytes(1)
                                    .with(fleet.join("self").ports());
                        });
        bench.run(new Ask("so that it knows how fast it computes", Ask.prompt(50, TAIL)));
        for (int i = 0; i < 3; i++) {
            bench.run(ask("warm " + i, i, i));
        }
        return bench;
    }

    @Test
    void whatComesFromAPeerIsComputedOnAsItComes() {
        Bench bench = besidePeer(new ThrottledTier("host", 10_000).lending());
        Heard heard = new Heard(ask("timed", 3, 9).request());
        double nanos = timeToFirst(bench, heard);
        bench.finish();
        assertThat(heard.usage().cachedTokens()).isEqualTo(PREFIX);
        assertThat(gatedSteps(bench)).isPositive();
        assertThat(nanos).isLessThanOrEqualTo(1.15 * TAIL_NANOS);
        assertAsCold(heard);
        assertThat(staging.lent()).isZero();
    }

    /** A peer that has to read a block to give a slice of it is asked for all of it. */
    @Test
    void whatAPeerMustReadComesWhole() {
        ThrottledTier disk = new ThrottledTier("disk", 10_000);
        Bench bench = besidePeer(disk);
        long reads = disk.counts().hits();
        Heard heard = bench.submit(ask("timed", 3, 9));
        bench.finish();
        assertThat(heard.usage().cachedTokens()).isEqualTo(PREFIX);
        assertThat(disk.counts().hits() - reads).isEqualTo(PREFIX / BLOCK_TOKENS);
        assertThat(gatedSteps(bench)).isZero();
        assertAsCold(heard);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50, 200, 320, 500, 639})
    void whatDoesNotComeAfterTheStepBeganIsComputed(int goodReads) {
        Bench bench = warm(EQUAL_PACE, FetchPolicy.MEASURED);
        int[] reads = new int[1];
        tier.fate(_ -> reads[0]++ < goodReads ? Fate.GOOD : Fate.FAILS);
        Heard heard = new Heard(ask("broken", 3, 9).request());
        timeToFirst(bench, heard);
        bench.finish();
        assertThat(heard.problem()).isNull();
        assertThat(reads[0]).as("slices that were asked for").isGreaterThan(goodReads);
        assertAsCold(heard);
        assertThat(staging.lent()).isZero();
    }

    @Test
    void whoeverComesMeanwhileIsComputedCorrectlyToo() {
        Bench bench = warm(EQUAL_PACE, FetchPolicy.MEASURED);
        int[] reads = new int[1];
        tier.fate(_ -> reads[0]++ < 400 ? Fate.GOOD : Fate.STALLS);
        Heard first = new Heard(ask("first", 3, 9).request());
        Heard same = new Heard(ask("same prefix", 3, 10).request());
        Heard other = new Heard(ask("other", 77, 11).request());
        bench.begin(first);
        bench.begin(same);
        while (reads[0] < 300) {
            assertThat(bench.driver.runOne()).isTrue();
        }
        bench.begin(other);
        bench.finish();
        for (Heard heard : List.of(first, same, other)) {
            assertAsCold(heard);
        }
        assertThat(staging.lent()).isZero();
    }

    @Test
    void whoIsAbortedBehindAGateLeavesNothing() {
        Bench bench = warm(EQUAL_PACE, FetchPolicy.MEASURED);
        long gated = gatedSteps(bench);
        Heard heard = new Heard(ask("aborted", 3, 9).request());
        var abort = bench.begin(heard);
        while (gatedSteps(bench) == gated) {
            assertThat(bench.driver.runOne()).isTrue();
        }
        abort.cancel();
        bench.finish();
        assertThat(staging.lent()).isZero();
        Heard again = bench.run(ask("again", 3, 9));
        assertAsCold(again);
    }
}
