package dev.cairn.distribution.bench.predict;

import dev.cairn.engine.simulated.CostFit;
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
 * steps counts too. The last step before {@link #into} is called is left out, for nothing followed
 * it: it is to be called whenever the runner is about to rest.
 *
 * <p>Closing it closes nothing: the runner is its owner's. Threads: as {@link ModelRunner}; {@link
 * #into} while no step runs.
 */
public final class TimedRunner implements ModelRunner {

    private final ModelRunner runner;
    private final Clock clock;
    private CostFit fit;
    private StepWork last;
    private long lastLaunch;

    public TimedRunner(ModelRunner runner, Clock clock) {
        this.runner = runner;
        this.clock = clock;
    }

    /** Where steps are noted from now on, after a rest; null = nowhere. */
    public void into(CostFit steps) {
        fit = steps;
        last = null;
    }

    @Override
    public RunnerDescription description() {
        return runner.description();
    }

    @Override
    public StepHandle launch(StepBatch batch) {
        long now = clock.nanos();
        if (fit != null && last != null) {
            fit.add(last, now - lastLaunch);
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
