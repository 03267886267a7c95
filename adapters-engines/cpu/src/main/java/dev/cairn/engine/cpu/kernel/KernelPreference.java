package dev.cairn.engine.cpu.kernel;

/** Which kernel provider the configuration asks for. */
public enum KernelPreference {
    /** The fastest that works here: native, else vector, else plain; the reasons are reported. */
    AUTO,
    /** Native code, or a refusal. */
    NATIVE,
    /** The Vector API, or a refusal. */
    VECTOR,
    /** Plain Java. */
    PLAIN
}
