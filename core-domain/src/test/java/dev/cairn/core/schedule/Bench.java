package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.TierChain;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A scheduler over a toy runner in virtual time. */
final class Bench {

    private static final ByteCodec CODEC = new ByteCodec(false);

    final VirtualDriver driver;
    final RecordedTelemetry telemetry = new RecordedTelemetry();
    final StepLog log = new StepLog(100_000);
    final CacheMirror cache = new CacheMirror();
    final ToyRunner runner;
    final ScheduledBackend backend;
    private final List<Heard> all = new ArrayList<>();

    Bench(UnaryOperator<ToyRunner.Builder> shape) {
        this(shape, SchedulerSettings.forModelLength(1 << 20));
    }

    Bench(UnaryOperator<ToyRunner.Builder> shape, SchedulerSettings settings) {
        this(shape, settings, _ -> TierChain.NONE);
    }

    /**
     * @param tiers of the driver's time
     */
    Bench(
            UnaryOperator<ToyRunner.Builder> shape,
            SchedulerSettings settings,
            Function<VirtualDriver, TierChain> tiers) {
        this(shape, settings, new VirtualDriver(), tiers);
    }

    /** Beside others, in the time of one driver. */
    Bench(
            UnaryOperator<ToyRunner.Builder> shape,
            SchedulerSettings settings,
            VirtualDriver driver,
            Function<VirtualDriver, TierChain> tiers) {
        this(shape, settings, driver, tiers, AdapterSupply.NONE);
    }

    Bench(
            UnaryOperator<ToyRunner.Builder> shape,
            SchedulerSettings settings,
            VirtualDriver driver,
            Function<VirtualDriver, TierChain> tiers,
            AdapterSupply adapters) {
        this.driver = driver;
        runner = shape.apply(ToyRunner.over(driver)).build();
        backend =
                new ScheduledBackend(
                        "toy",
                        "toy",
                        runner,
                        CODEC,
                        new Grammars(
                                CODEC,
                                runner.description().vocabularySize(),
                                CODEC.endOfSequenceIds()),
                        settings,
                        driver,
                        telemetry,
                        log,
                        cache,
                        tiers.apply(driver),
                        adapters);
    }

    /** Room for everything. */
    static Bench roomy() {
        return new Bench(toy -> toy.fullAttention(16, 1000));
    }

    Heard submit(GenerationRequest request) {
        Heard heard = new Heard(request);
        backend.generate(request, heard);
        all.add(heard);
        return heard;
    }

    Heard submit(Ask ask) {
        return submit(ask.request());
    }

    /** Submits, with a handle to abort it. */
    Cancellation begin(Heard heard) {
        all.add(heard);
        return backend.generate(heard.request(), heard);
    }

    Heard run(Ask ask) {
        Heard heard = submit(ask);
        finish();
        return heard;
    }

    /** Runs until nothing happens any more; then everything must be over and every block back. */
    void finish() {
        driver.runUntilIdle();
        assertThat(all).allMatch(Heard::isOver);
        assertNothingHeld();
    }

    void assertNothingHeld() {
        assertThat(backend.load().usedBlocks()).as("blocks that never came back").isZero();
        assertThat(backend.load().running()).isZero();
        assertThat(backend.load().waiting()).isZero();
        assertThat(backend.load().waitingPrefillTokens()).isZero();
    }

    double counter(String series) {
        return telemetry.counter(series);
    }
}
