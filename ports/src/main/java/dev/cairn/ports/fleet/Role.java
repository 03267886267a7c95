package dev.cairn.ports.fleet;

/** What a process does in a fleet. */
public enum Role {
    /** Everything, in one process. */
    ALL,
    /** Takes clients' requests and sends them on. */
    ROUTER,
    /** Reads prompts. */
    PREFILL,
    /** Writes answers. */
    DECODE
}
