package dev.cairn.ports.system;

/** Time, real or virtual. Threads: any. */
public interface Clock {

    /** Monotonic nanoseconds from an arbitrary origin. */
    long nanos();

    /** Milliseconds since 1970-01-01T00:00Z, for what clients and logs see; never for intervals. */
    long epochMillis();
}
