package dev.cairn.storage.slots;

/**
 * Learns what a request costs, {@code nanoseconds = fixed + perByte * bytes}, by least squares over
 * recent requests. While all have had one size, the whole cost counts as per byte.
 *
 * <p>Threads: the tier's lock.
 */
final class RateMeter {

    /** The weight that a request keeps when the next one comes. */
    private static final double FADE = 0.98;

    private final double firstGuess;
    private double weight;
    private double bytes;
    private double nanos;
    private double bytesSquared;
    private double bytesNanos;

    /**
     * @param firstGuess bytes per second, while nothing has been measured
     */
    RateMeter(double firstGuess) {
        this.firstGuess = firstGuess;
    }

    void measured(double ofBytes, double inNanos) {
        weight = weight * FADE + 1;
        bytes = bytes * FADE + ofBytes;
        nanos = nanos * FADE + inNanos;
        bytesSquared = bytesSquared * FADE + ofBytes * ofBytes;
        bytesNanos = bytesNanos * FADE + ofBytes * inNanos;
    }

    double bytesPerSecond() {
        return weight == 0 ? firstGuess : 1e9 / perByte();
    }

    double fixedNanos() {
        return weight == 0 ? 0 : Math.max(0, (nanos - perByte() * bytes) / weight);
    }

    private double perByte() {
        double mean = nanos / bytes;
        double spread = weight * bytesSquared - bytes * bytes;
        if (spread < 1e-3 * bytes * bytes) {
            return mean;
        }
        double slope = (weight * bytesNanos - bytes * nanos) / spread;
        // Noise may make small requests look dearer than large ones.
        return slope > 0 && slope <= mean ? slope : mean;
    }
}
