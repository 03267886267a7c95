package dev.cairn.distribution.bench.predict;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.engine.simulated.StepTimes;
import dev.cairn.engine.simulated.StepWork;
import java.util.List;

/**
 * Steps as slow and as disturbed as those of other slices were: a machine is slow for a while, not
 * for single steps at random. The first step after a rest is like others after a rest, for caches
 * are cold then, and threads asleep.
 *
 * <p>Threads: one.
 */
final class Replay implements StepTimes {

    private final CostModel costs;
    private final SeededRandom random;
    private Timeline afterRest = new Timeline();
    private Timeline others = new Timeline();
    private List<Long> wakes = List.of();
    private boolean rested = true;

    Replay(CostModel costs, SeededRandom random) {
        this.costs = costs;
        this.random = random;
    }

    /** From now on the machine is as it was then; without notes, steps take what they cost. */
    void as(List<Notes> slices) {
        afterRest = new Timeline();
        others = new Timeline();
        for (Notes notes : slices) {
            for (Notes.Step step : notes.steps()) {
                Timeline timeline = step.afterRest() ? afterRest : others;
                timeline.add(costs.nanos(step.work()), step.nanos(), random.nextDouble());
            }
        }
        afterRest.enterAt(random.nextDouble());
        others.enterAt(random.nextDouble());
        wakes = slices.stream().flatMap(notes -> notes.wakes().stream()).toList();
    }

    /** The engine has nothing to do. */
    void rests() {
        rested = true;
    }

    /** Nanoseconds from a request's arrival at the resting engine to the first launch. */
    long wake() {
        return wakes.isEmpty() ? 0 : wakes.get(random.nextInt(wakes.size()));
    }

    @Override
    public double nanos(StepWork work, long bits) {
        Timeline timeline = rested ? afterRest : others;
        rested = false;
        return timeline.next(costs.nanos(work));
    }
}
