package dev.cairn.distribution.bench.predict;

import dev.cairn.engine.simulated.StepWork;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;

/**
 * Times the steps of another runner: from one launch to the next, so that everything between two
 * steps counts too. Who knows that the runner is about to rest calls {@link #rests}, where the last
 * step ends; a step that nothing followed and of which that was not said is left out.
 *
 * <p>Closing it closes nothing: the runner is its owner's. Threads: as {@link ModelRunner}; {@link
 * #into} and {@link #rests} while no step runs.
 */
public final class TimedRunner implements ModelRunner {

    private final ModelRunner runner;
    private final Clock clock;
    private Steps steps = Steps.NONE;
    private StepWork last;
    private boolean afterRest = true;
    private long lastLaunch;

    /** Hears what steps took. */
    public interface Steps {

        /** Hears nothing. */
        Steps NONE =
                new Steps() {
                    @Override
                    public void took(StepWork work, double nanos, boolean afterRest) {}
                };

        /** A step took so long. */
        void took(StepWork work, double nanos, boolean afterRest);

        /** The first step after a rest is launched. */
        default void woke(long nanos) {}
    }

    public TimedRunner(ModelRunner runner, Clock clock) {
        this.runner = runner;
        this.clock = clock;
    }

    /** Where steps are noted from now on, after a rest. */
    public void into(Steps noted) {
        steps = noted;
        last = null;
        afterRest = true;
    }

    /** The last step is over, and nothing follows it for a while. */
    void rests(long nanos) {
        stepEnds(nanos);
        last = null;
        afterRest = true;
    }

    private void stepEnds(long nanos) {
        if (last != null) {
            steps.took(last, nanos - lastLaunch, afterRest);
            afterRest = false;
        }
    }

    @Override
    public RunnerDescription description() {
        return runner.description();
    }

    @Override
    public StepHandle launch(StepBatch batch) {
        long now = clock.nanos();
        if (last == null) {
            steps.woke(now);
        } else {
            stepEnds(now);
        }
        last = StepWork.of(batch, description().groups());
        lastLaunch = now;
        return runner.launch(batch);
    }

    @Override
    public void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
        runner.complete(step, sampling, done);
    }

    @Override
    public BlockPort blocks() {
        return runner.blocks();
    }

    @Override
    public void close() {}
}
