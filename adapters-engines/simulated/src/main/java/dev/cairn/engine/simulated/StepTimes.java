package dev.cairn.engine.simulated;

/** How long the steps of a simulated engine take. Threads: asked by one at a time, in order. */
@FunctionalInterface
public interface StepTimes {

    /**
     * Nanoseconds that the next step takes.
     *
     * @param bits uniformly random; the same bits, the same time
     */
    double nanos(StepWork work, long bits);
}
