package dev.cairn.distribution.bench.predict;

import java.util.ArrayList;
import java.util.List;

/**
 * How time passed on a machine while it did work of known cost: slower by a factor for a while, and
 * standing still now and then because something else ran. It is walked through by cost, so that
 * long steps meet more of what disturbs than short ones do; after its end it begins anew.
 *
 * <p>Threads: one.
 */
final class Timeline {

    /** A step that took this many times its cost was interrupted, not slower all the time. */
    private static final double INTERRUPTED = 2;

    private final List<Stretch> stretches = new ArrayList<>();
    private int at;
    private double done;

    /**
     * @param cost nanoseconds of work
     * @param factor by which they took longer
     * @param pauseAt after how much of the work nothing was done for a while
     * @param pause nanoseconds
     */
    private record Stretch(double cost, double factor, double pauseAt, double pause) {}

    /**
     * A step of this cost took so long, in nanoseconds.
     *
     * @param pauseAt after which part of it, 0 to 1, a pause came if there was one
     */
    void add(double cost, double took, double pauseAt) {
        if (cost <= 0) {
            return;
        }
        stretches.add(
                took < INTERRUPTED * cost
                        ? new Stretch(cost, took / cost, cost, 0)
                        : new Stretch(cost, 1, cost * pauseAt, took - cost));
    }

    /** Goes on after this part of its steps, 0 to 1. */
    void enterAt(double part) {
        at = Math.clamp((int) (part * stretches.size()), 0, Math.max(0, stretches.size() - 1));
        done = 0;
    }

    /** Nanoseconds that the next work of this cost takes. */
    double next(double cost) {
        double took = 0;
        double left = cost;
        while (left > 0 && !stretches.isEmpty()) {
            Stretch stretch = stretches.get(at);
            double part = Math.min(left, stretch.cost - done);
            took += part * stretch.factor;
            if (done <= stretch.pauseAt && stretch.pauseAt < done + part) {
                took += stretch.pause;
            }
            left -= part;
            done += part;
            if (done >= stretch.cost) {
                at = (at + 1) % stretches.size();
                done = 0;
            }
        }
        return took + left;
    }
}
