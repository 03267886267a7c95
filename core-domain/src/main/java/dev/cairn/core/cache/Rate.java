package dev.cairn.core.cache;

/**
 * Time per unit of work, learnt while working: an exponentially weighted mean that follows a step
 * change within three observations. Threads: one mailbox owns it.
 */
final class Rate {

    /** Weight of a new observation. After three of them an old value keeps 3 % of its weight. */
    private static final double NEW = 0.7;

    private double nanosPerUnit;

    /**
     * @param nanosPerUnit what is believed before anything was seen; 0 = nothing
     */
    Rate(double nanosPerUnit) {
        this.nanosPerUnit = Double.isFinite(nanosPerUnit) ? Math.max(0, nanosPerUnit) : 0;
    }

    boolean isKnown() {
        return nanosPerUnit > 0;
    }

    /** Predicted time; 0 while nothing is known. */
    double nanos(double units) {
        return units * nanosPerUnit;
    }

    void saw(double units, double nanos) {
        if (units <= 0 || nanos <= 0) {
            return;
        }
        double seen = nanos / units;
        nanosPerUnit = isKnown() ? nanosPerUnit + NEW * (seen - nanosPerUnit) : seen;
    }
}
