package dev.cairn.distribution.bench.predict;

import dev.cairn.engine.simulated.CostFit;
import dev.cairn.engine.simulated.StepWork;
import java.util.ArrayList;
import java.util.List;

/**
 * What an engine did under one slice of load, in order: its steps, and how long it took from the
 * arrival of a request at the resting engine to the first launch.
 *
 * <p>Threads: the scheduler's; read by others when the slice is over.
 */
final class Notes implements TimedRunner.Steps {

    private final List<Step> steps = new ArrayList<>();
    private final List<Long> wakes = new ArrayList<>();
    private volatile long arrival;

    /**
     * @param afterRest whether it was the first after a rest
     */
    record Step(StepWork work, double nanos, boolean afterRest) {}

    /** A request arrived at the resting engine. */
    void arrived(long nanos) {
        arrival = nanos;
    }

    @Override
    public void took(StepWork work, double nanos, boolean afterRest) {
        steps.add(new Step(work, nanos, afterRest));
    }

    @Override
    public void woke(long nanos) {
        if (arrival != 0) {
            wakes.add(nanos - arrival);
            arrival = 0;
        }
    }

    List<Step> steps() {
        return steps;
    }

    List<Long> wakes() {
        return wakes;
    }

    void addTo(CostFit fit) {
        steps.forEach(step -> fit.add(step.work(), step.nanos()));
    }
}
