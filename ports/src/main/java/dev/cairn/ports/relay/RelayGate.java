package dev.cairn.ports.relay;

import dev.cairn.ports.request.RequestRefused;
import java.util.Optional;

/** Who may use a relay. Threads: any. */
public interface RelayGate {

    /**
     * Lets a client in.
     *
     * @param authorization the header, if any
     * @return the tenant that it belongs to; empty where no key is asked for
     * @throws RequestRefused if a key is asked for and this is none
     */
    String admit(Optional<String> authorization);

    /**
     * @param direct whether the client is on this machine and no proxy says that it speaks for
     *     another
     * @throws RequestRefused if the verbs of the administrator are not for this client
     */
    void demandAdministrator(Optional<String> authorization, boolean direct);

    /** Whether clients bring keys that are ours, and nobody else's business. */
    boolean asksForKeys();
}
