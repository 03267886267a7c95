package dev.cairn.ports.engine;

import dev.cairn.ports.system.Completion;

/**
 * Puts whole backends to sleep, with the requests that they serve, and wakes them: what an
 * administrator asks for, where {@link SleepPort} is what a runner does.
 *
 * <p>Threads: any; no method waits, and completions come on any thread. A failure is a {@link
 * dev.cairn.ports.request.RequestRefused} that says why.
 */
public interface Sleeper {

    /**
     * Gives weights and KV pools back. Completes at once where it sleeps already; fails where it is
     * woken before it slept.
     */
    void sleep(SleepMode mode, Completion<Void> done);

    /**
     * Makes everything as it was, with an empty prefix cache. Completes at once where it is awake.
     * After a failure it sleeps on and can be woken again.
     */
    void wake(Completion<Void> done);

    /** Whether requests are not served for now: from the call of {@link #sleep} on. */
    boolean isAsleep();
}
