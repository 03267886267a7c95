package dev.cairn.ports.engine;

/**
 * Whether an engine can be used here, and what it found.
 *
 * @param usable false keeps it from being chosen
 * @param preference higher is chosen first where configuration leaves the choice; the CPU engine
 *     has 0, {@link #ONLY_BY_NAME} keeps an engine out of that choice
 * @param report one line: devices and kernels found, or what was sought and not found
 */
public record EngineAvailability(boolean usable, int preference, String report) {

    /** The preference of an engine that computes only where configuration names it. */
    public static final int ONLY_BY_NAME = Integer.MIN_VALUE;
}
