package dev.cairn.ports.request;

import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.time.Duration;

/** What an operator may have a worker of a fleet do. Threads: any; no method waits. */
public interface WorkerService {

    /** What it does now: {@code role} and {@code draining}. */
    JsonObject duty();

    /**
     * Gets work of another kind from now on; what runs goes on.
     *
     * @param role {@code "prefill"}, {@code "decode"} or {@code "all"}
     * @return {@link #duty} afterwards
     * @throws RequestRefused if it cannot do that, or is the last one that does what it does
     */
    JsonObject changeRole(String role);

    /**
     * Takes no new work from now on, and lets others go on with what runs and with what its cache
     * holds.
     *
     * @param atMost for handing blocks over
     * @param done what became of it
     */
    void drain(Duration atMost, Completion<JsonObject> done);
}
