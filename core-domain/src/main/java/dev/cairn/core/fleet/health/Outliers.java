package dev.cairn.core.fleet.health;

import java.util.List;

/**
 * Finds workers that fail far more often than the others and sends them off the field for a while:
 * what a breaker does not see, because good answers lie between the bad ones.
 *
 * <p>Threads: one.
 */
public final class Outliers {

    private static final long WINDOW_NANOS = 10_000_000_000L;
    private static final long AWAY_NANOS = 5_000_000_000L;
    private static final int LEAST_ANSWERS = 20;
    private static final double LEAST_SHARE = 0.3;
    private static final double MOST_TIMES = 3;
    private static final int MOST_TURNS = 6;

    private long windowEnds;
    private boolean hasBegun;

    /** What one worker answered in this window. */
    public static final class Record {

        private int answers;
        private int failures;
        private int turns;

        /** An answer, and whether it was an error of the worker. */
        public void counted(boolean failed) {
            answers++;
            if (failed) {
                failures++;
            }
        }

        private double failing() {
            return answers == 0 ? 0 : (double) failures / answers;
        }
    }

    /** A worker as it is judged. */
    public record Judged(WorkerHealth health, Record record) {}

    /**
     * Judges at the end of every window. Never more than half of the workers are away, for then it
     * is not they who are odd.
     */
    public void judge(List<Judged> workers, long nanos) {
        if (!hasBegun || nanos - windowEnds >= 0) {
            if (hasBegun) {
                judgeWindow(workers, nanos);
            }
            hasBegun = true;
            windowEnds = nanos + WINDOW_NANOS;
        }
    }

    private static void judgeWindow(List<Judged> workers, long nanos) {
        long away = workers.stream().filter(one -> one.health().isEjected(nanos)).count();
        for (Judged one : workers) {
            Record record = one.record();
            if (isOdd(one, workers) && 2 * (away + 1) <= workers.size()) {
                one.health().eject(nanos + AWAY_NANOS * (1L << record.turns));
                record.turns = Math.min(record.turns + 1, MOST_TURNS);
                away++;
            } else if (record.answers >= LEAST_ANSWERS) {
                record.turns = Math.max(0, record.turns - 1);
            }
        }
        for (Judged one : workers) {
            one.record().answers = 0;
            one.record().failures = 0;
        }
    }

    private static boolean isOdd(Judged one, List<Judged> workers) {
        double failing = one.record().failing();
        if (one.record().answers < LEAST_ANSWERS || failing < LEAST_SHARE) {
            return false;
        }
        long answers = 0;
        long failures = 0;
        for (Judged other : workers) {
            if (other != one) {
                answers += other.record().answers;
                failures += other.record().failures;
            }
        }
        return answers >= LEAST_ANSWERS && failing > MOST_TIMES * failures / answers;
    }
}
