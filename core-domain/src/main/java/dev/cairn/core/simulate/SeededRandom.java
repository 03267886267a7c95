package dev.cairn.core.simulate;

import dev.cairn.ports.system.RandomSource;

/** SplitMix64 (Steele, Lea, Flood 2014): the same seed, the same numbers. Threads: one. */
public final class SeededRandom implements RandomSource {

    private static final long GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    public SeededRandom(long seed) {
        state = seed;
    }

    @Override
    public long nextLong() {
        long bits = RandomSource.mix(state);
        state += GAMMA;
        return bits;
    }

    /** Uniform in (0, 1). */
    public double nextDouble() {
        return ((nextLong() >>> 12) + 0.5) * 0x1p-52;
    }

    /** Uniform in 0 .. bound - 1; the bias of the remainder is below bound / 2^63. */
    public int nextInt(int bound) {
        return (int) Long.remainderUnsigned(nextLong() >>> 1, bound);
    }

    /** Exponentially distributed: the time between two arrivals of a Poisson process. */
    public double nextExponential(double mean) {
        return -mean * Math.log(nextDouble());
    }
}
