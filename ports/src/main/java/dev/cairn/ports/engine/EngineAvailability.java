package dev.cairn.ports.engine;

/**
 * Whether an engine can be used here, and what it found.
 *
 * @param usable false keeps it from being chosen
 * @param preference higher is chosen first where configuration leaves the choice; the CPU engine
 *     has 0
 * @param report one line: devices and kernels found, or what was sought and not found
 */
public record EngineAvailability(boolean usable, int preference, String report) {}
