package dev.cairn.ports.engine;

/** What becomes of requests that are alive when an engine is put to sleep (vLLM's words). */
public enum SleepMode {
    /** They fail at once. */
    ABORT,
    /** They end first; new ones are refused meanwhile. */
    WAIT,
    /** They pause, and go on when the engine is awake again. */
    KEEP
}
