package dev.cairn.ports.system;

/** Randomness that a simulation can repeat. Threads: any. */
public interface RandomSource {

    /** 64 uniformly random bits. */
    long nextLong();

    /**
     * SplitMix64's output function (Steele, Lea, Flood 2014): a bijection that scatters every bit.
     */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
