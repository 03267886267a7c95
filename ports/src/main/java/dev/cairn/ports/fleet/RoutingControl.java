package dev.cairn.ports.fleet;

import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * By which policy a router decides, and the way to change it while requests run.
 *
 * <p>Threads: any; a change may wait for a plugin's jar to be read.
 */
public interface RoutingControl {

    /** Who decides now, and who is there. */
    Status status();

    /**
     * Changes policies, from the next request on; what is on its way goes on. A policy of a plugin
     * is loaded anew from its jar, and unloaded when another takes its place.
     *
     * @param policy that decides; empty = as before
     * @param shadow that is asked besides; an empty name = none, empty = as before
     * @return what is true afterwards
     * @throws RequestRefused if there is no policy of that name; nothing is changed then
     */
    Status change(Optional<String> policy, Optional<String> shadow);

    /** Tells who the workers are, how each is and what is booked there; comes on any thread. */
    void workers(Completion<List<JsonObject>> done);

    /**
     * @param policy that decides
     * @param shadow that is asked about the same requests without a say
     * @param policies that are there
     */
    record Status(String policy, Optional<String> shadow, List<String> policies) {}
}
