package dev.cairn.transport.node;

import dev.cairn.ports.engine.GenerationBackend.BackendDescription;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;

/**
 * What is known of a worker.
 *
 * @param reachable whether it is heard of now; the rest is what it said last
 * @param trouble why it is not, for people; empty while it is
 * @param self what it says of itself
 * @param description of its backend
 * @param load as it reported last
 * @param others that send requests there, as it told last
 */
public record NodeState(
        boolean reachable,
        String trouble,
        NodeSelf self,
        BackendDescription description,
        LoadReport load,
        OtherRouters others) {

    /** Whether it would take a request. */
    public boolean isReady() {
        return reachable && !self.starting() && !self.draining();
    }
}
