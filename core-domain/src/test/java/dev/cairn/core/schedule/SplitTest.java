package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.share.TierSource;
import dev.cairn.core.share.WatchedTier;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.split.PromptDesk;
import dev.cairn.core.split.SplitBackend;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.FarReader;
import dev.cairn.core.testing.FarReader.Fault;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.SimulatedTransport;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.PrefillPlace;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.system.Timers.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One worker reads prompts, another one writes the answers; a block has 16 tokens. */
class SplitTest {

    private static final long SECOND = 1_000_000_000L;
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final PrefillPlace PLACE = new PrefillPlace("reader", "reader:1");
    private static final int LENGTH = 400;

    private static double whole;
    private static double partly;
    private static double alone;
    private static int cancelled;

    @AfterAll
    static void everythingHappened() {
        System.out.printf(
                "SplitTest: %.0f prompts came whole, %.0f in part, %.0f not at all, %d were"
                        + " cancelled%n",
                whole, partly, alone, cancelled);
    }

    /** A worker with a host tier, which lends what lies there. */
    private static final class Node {

        final ThrottledTier host = new ThrottledTier("host", 4000);
        final CountedLeases staging = new CountedLeases(64 * 128);
        final AtomicReference<PromptDesk> desk = new AtomicReference<>();
        final SimulatedTransport transport;
        final BlockTier tier;
        final Bench bench;

        Node(
                SimulatedFleet fleet,
                VirtualDriver driver,
                String id,
                UnaryOperator<ToyRunner.Builder> shape) {
            transport = fleet.join(id).transport();
            tier =
                    new WatchedTier(
                            host.attach(driver).lending(),
                            key -> {
                                if (desk.get() != null) {
                                    desk.get().stored(key);
                                }
                            });
            bench =
                    new Bench(
                            shape,
                            SchedulerSettings.forModelLength(LENGTH),
                            driver,
                            _ ->
                                    new TierChain(
                                            List.of(tier),
                                            staging,
                                            driver,
                                            4000,
                                            64,
                                            FetchPolicy.MEASURED,
                                            SECOND));
            TierSource source =
                    new TierSource(
                            List.of(tier), new CountedLeases(1 << 20), driver, bench.telemetry);
            source.offer(bench.runner.description());
            transport.serve(source);
        }

        void readsPrompts(VirtualDriver driver) {
            desk.set(
                    new PromptDesk(
                            bench.backend,
                            bench.runner.description(),
                            tier,
                            transport.address(),
                            LEASE,
                            driver,
                            driver,
                            bench.telemetry));
        }
    }

    /** A reader and a writer. */
    private static final class Pair {

        final VirtualDriver driver = new VirtualDriver();
        final SimulatedFleet fleet = new SimulatedFleet().attach(driver);
        final CountedLeases pulling = new CountedLeases(8 * 128);
        final Node reader;
        final Node writer;
        final FarReader way;
        final SplitBackend split;
        final List<Heard> all = new ArrayList<>();

        Pair(UnaryOperator<ToyRunner.Builder> shape) {
            reader = new Node(fleet, driver, "reader", shape);
            writer = new Node(fleet, driver, "writer", shape);
            reader.readsPrompts(driver);
            way = new FarReader(driver, reader.desk.get());
            split =
                    new SplitBackend(
                            writer.bench.backend,
                            writer.bench.runner.description(),
                            writer.tier,
                            writer.transport,
                            pulling,
                            _ -> way,
                            PATIENCE,
                            SplitBackend.HandBack.NONE,
                            driver,
                            driver,
                            writer.bench.telemetry);
        }

        Cancellation begin(Heard heard) {
            all.add(heard);
            return split.generate(heard.request(), heard);
        }

        /** From the request to its one token. */
        long timeOf(GenerationRequest request) {
            long begun = driver.nanos();
            Heard heard = new Heard(request);
            begin(heard);
            while (!heard.isOver()) {
                driver.runUntil(driver.nanos() + 10_000);
            }
            long took = driver.nanos() - begun;
            finish();
            return took;
        }

        /** Everything is over, and nothing is left anywhere. */
        void finish() {
            driver.runUntilIdle();
            assertThat(all).allMatch(Heard::isOver);
            reader.bench.assertNothingHeld();
            writer.bench.assertNothingHeld();
            assertThat(pulling.lent()).as("memory of pulls").isZero();
            assertThat(reader.desk.get().live()).as("readings").isZero();
            assertThat(reader.host.holds()).as("blocks held for others").isZero();
            assertThat(writer.host.holds()).as("blocks held for prompts").isZero();
            assertThat(split.load().waiting()).isZero();
        }

        double prompts(String outcome) {
            return writer.bench.counter("cairn:split_prompts_total{%s}".formatted(outcome));
        }
    }

    private static UnaryOperator<ToyRunner.Builder> full() {
        return toy -> toy.fullAttention(16, 200).perStep(64, 8, 64);
    }

    private static GenerationRequest ask(Ask ask) {
        return ask.request().readAt(PLACE);
    }

    private static List<String> aloneAnswer(GenerationRequest request) {
        Bench bench =
                new Bench(
                        toy -> toy.fullAttention(16, 200).perStep(64, 8, 1024),
                        SchedulerSettings.forModelLength(LENGTH));
        Heard heard = bench.submit(request);
        bench.finish();
        return heard.answer();
    }

    @Test
    void theWriterComputesAtMostOneBlockOfThePrompt() {
        Pair pair = new Pair(full());
        Heard heard = new Heard(ask(new Ask("a", Ask.prompt(1, 300)).maxTokens(20)));
        pair.begin(heard);
        pair.finish();
        assertThat(heard.answer()).isEqualTo(aloneAnswer(heard.request()));
        assertThat(pair.prompts("whole")).isEqualTo(1);
        assertThat(pair.writer.bench.runner.computedTokens()).isBetween(1L, 16L + 20L);
        assertThat(heard.usage().cachedTokens()).isGreaterThanOrEqualTo(300 - 16);
    }

    /** Blocks are pulled while the next ones are made. */
    @Test
    void transferOverlapsPrefill() {
        Pair pair = new Pair(full());
        // Slow enough to be seen, fast enough to keep up with the steps.
        pair.reader.transport.pace(1_000);
        List<Long> arrived = new ArrayList<>();
        pair.way.onReady(_ -> arrived.add(pair.reader.transport.sent()));
        Heard heard = new Heard(ask(new Ask("a", Ask.prompt(1, 300)).maxTokens(2)));
        pair.begin(heard);
        pair.finish();
        assertThat(arrived).hasSizeGreaterThan(3);
        assertThat(arrived.getLast()).as("blocks that came before the last was made").isPositive();
        assertThat(pair.prompts("whole")).isEqualTo(1);
    }

    /**
     * Of the shorter of computing and copying, how much is hidden behind the longer: five steps
     * make a prompt, and what the first computes and the last makes cannot be.
     */
    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.5, 1, 2, 4})
    void fourFifthsOfTheShorterAreHidden(double copyToCompute) {
        GenerationRequest request = ask(new Ask("a", Ask.prompt(1, 300)).maxTokens(1));
        Pair fast = new Pair(full());
        fast.reader.transport.pace(0);
        long compute = fast.timeOf(request);
        Pair ready = new Pair(full());
        ready.reader.bench.submit(request.promptAlone("before"));
        ready.driver.runUntilIdle();
        Pair both = new Pair(full());
        double pace = copyToCompute * compute / (18 * 128);
        ready.reader.transport.pace(pace);
        both.reader.transport.pace(pace);
        long copy = ready.timeOf(request);
        long together = both.timeOf(request);
        double hidden = (double) (compute + copy - together) / Math.min(compute, copy);
        System.out.printf(
                "SplitTest: compute %.2f ms, copy %.2f ms, both %.2f ms: %.2f hidden%n",
                compute / 1e6, copy / 1e6, together / 1e6, hidden);
        assertThat(hidden).isBetween(0.7, 1.01);
        assertThat(both.prompts("whole")).isEqualTo(1);
    }

    @Test
    void aPromptThatIsHereIsNotReadElsewhere() {
        Pair pair = new Pair(full());
        Heard first = new Heard(ask(new Ask("a", Ask.prompt(1, 300)).maxTokens(2)));
        pair.begin(first);
        pair.finish();
        pair.way.fault(Fault.REFUSES);
        Heard second = new Heard(ask(new Ask("b", Ask.prompt(1, 300)).maxTokens(2)));
        pair.begin(second);
        pair.finish();
        assertThat(pair.prompts("here")).isEqualTo(1);
    }

    @Test
    void aWindowComesToo() {
        UnaryOperator<ToyRunner.Builder> both =
                toy -> toy.fullAttention(16, 200).window(40, 16, 100).perStep(64, 8, 64);
        Pair pair = new Pair(both);
        Heard heard = new Heard(ask(new Ask("a", Ask.prompt(1, 300)).maxTokens(20)));
        pair.begin(heard);
        pair.finish();
        assertThat(pair.prompts("whole")).isEqualTo(1);
        assertThat(pair.writer.bench.runner.computedTokens()).isBetween(1L, 2 * 16L + 20L);
    }

    @RepeatedTest(60)
    void whateverTheReaderDoesTheAnswerIsRight(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Pair pair = new Pair(full());
        SimulatedTransport.Fate[] fates = SimulatedTransport.Fate.values();
        double bad = random.nextInt(2) * random.nextDouble() * 0.3;
        pair.reader.transport.fate(
                _ ->
                        random.nextDouble() < bad
                                ? fates[random.nextInt(fates.length)]
                                : SimulatedTransport.Fate.GOOD);
        pair.reader.transport.pace(random.nextInt(3) == 0 ? 100_000 : 10);
        for (int i = 0; i < 12; i++) {
            Ask ask = Ask.any(random, "request " + i, LENGTH / 2);
            pair.way.fault(
                    random.nextInt(2) == 0
                            ? Fault.NONE
                            : Fault.values()[random.nextInt(Fault.values().length)]);
            Heard heard = new Heard(ask(ask.arrival(pair.driver.nanos())));
            Cancellation abort = pair.begin(heard);
            if (random.nextInt(6) == 0) {
                pair.driver.schedule(
                        pair.driver.nanos() + random.nextInt(50_000_000), abort::cancel);
            }
            if (random.nextInt(3) == 0) {
                pair.driver.runUntil(pair.driver.nanos() + random.nextInt(40_000_000));
            }
        }
        pair.finish();
        for (Heard heard : pair.all) {
            if (heard.problem() != null && heard.problem().category() == Category.CANCELLED) {
                cancelled++;
            } else {
                assertThat(heard.answer())
                        .as("seed %d, %s", seed, heard.request().id())
                        .isEqualTo(aloneAnswer(heard.request()));
            }
        }
        whole += pair.prompts("whole");
        partly += pair.prompts("partly") + pair.prompts("late");
        alone += pair.prompts("lost");
    }
}
