package dev.cairn.ports.engine;

import dev.cairn.ports.system.Completion;

/**
 * Gives a runner's memory back while nobody needs it. Threads as {@link ModelRunner}; no step may
 * be in flight.
 */
public interface SleepPort {

    /** Releases weights and KV pools; block contents are lost. */
    void sleep(Completion<Void> done);

    /** Makes the runner as it was, with empty blocks. */
    void wake(Completion<Void> done);
}
