package dev.cairn.engine.simulated;

import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.Timers;
import java.util.ArrayList;
import java.util.List;

/**
 * A runner whose steps take the time that a cost model says and do nothing else: every token is the
 * same, and blocks hold nothing, so that a fleet with a million tokens of cache per worker fits in
 * a small memory. What {@link SimulatedRunner} checks of tables and copies it does not.
 *
 * <p>Threads: one, in virtual time.
 */
public final class TimeOnlyRunner implements ModelRunner {

    private static final TokenChoice TOKEN = TokenChoice.bare(1);

    private final RunnerDescription description;
    private final CostModel costs;
    private final Clock clock;
    private final Timers timers;
    private long busyNanos;
    private long promptNanos;
    private long steps;
    private boolean inFlight;

    public TimeOnlyRunner(
            RunnerDescription description, CostModel costs, Clock clock, Timers timers) {
        this.description = description;
        this.costs = costs;
        this.clock = clock;
        this.timers = timers;
    }

    /** Time spent in steps so far. */
    public long busyNanos() {
        return busyNanos;
    }

    /** Time spent in steps that computed prompts, so far. */
    public long promptNanos() {
        return promptNanos;
    }

    /** Steps so far. */
    public long steps() {
        return steps;
    }

    @Override
    public RunnerDescription description() {
        return description;
    }

    @Override
    public StepHandle launch(StepBatch batch) {
        if (inFlight) {
            throw new IllegalStateException("one step at a time; complete the last one");
        }
        inFlight = true;
        long nanos = Math.round(costs.nanos(StepWork.of(batch, description.groups())));
        busyNanos += nanos;
        steps++;
        for (SequenceStep sequence : batch.sequences()) {
            if (sequence.tokens().length > 1) {
                promptNanos += nanos;
                break;
            }
        }
        return new Launched(clock.nanos() + nanos, nanos);
    }

    @Override
    public void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
        Launched launched = (Launched) step;
        List<TokenChoice> rows = new ArrayList<>(sampling.rows().size());
        for (SamplingRow row : sampling.rows()) {
            rows.add(row instanceof SamplingRow.Ignore ? null : TOKEN);
        }
        timers.schedule(
                launched.dueNanos,
                () -> {
                    inFlight = false;
                    done.completed(new StepResult(rows, launched.nanos));
                });
    }

    @Override
    public BlockPort blocks() {
        return new NoContents();
    }

    @Override
    public void close() {}

    private record Launched(long dueNanos, long nanos) implements StepHandle {}

    /** Blocks of which nothing can be taken away. */
    private final class NoContents implements BlockPort {

        @Override
        public void export(
                int group,
                int block,
                int firstLayer,
                int layers,
                MemoryLease target,
                Completion<Void> done) {
            refuse(done);
        }

        @Override
        public void restore(
                int group,
                int block,
                int firstLayer,
                int layers,
                MemoryLease source,
                Completion<Void> done) {
            refuse(done);
        }

        private void refuse(Completion<Void> done) {
            timers.schedule(
                    clock.nanos(),
                    () -> done.failed(new IllegalStateException("these blocks hold nothing")));
        }
    }
}
