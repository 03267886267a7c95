package dev.cairn.distribution.bench.prompt;

import java.util.Random;

/** Independent sources of randomness out of one seed, the same on every machine. */
public final class Seeds {

    private Seeds() {}

    /**
     * @param purpose what is drawn
     * @param index which of its kind
     */
    public static Random random(long seed, String purpose, long index) {
        return new Random(mix(mix(seed ^ mix(purpose.hashCode())) + index));
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
    private static long mix(long value) {
        long mixed = value + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
