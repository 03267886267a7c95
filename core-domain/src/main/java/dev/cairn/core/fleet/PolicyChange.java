package dev.cairn.core.fleet;

import dev.cairn.core.route.PolicyInUse;
import dev.cairn.ports.fleet.RoutingPolicy;
import java.util.Optional;

/**
 * Another policy for a router.
 *
 * @param acts whether it decides; otherwise it is asked besides
 * @param policy empty = none is asked besides any more
 */
public record PolicyChange(boolean acts, Optional<PolicyInUse> policy) {

    /** Who decides can be replaced, but not be missing. */
    public PolicyChange {
        if (acts && policy.isEmpty()) {
            throw new IllegalArgumentException("somebody has to decide");
        }
    }

    /** A policy that decides from now on, and stays loaded. */
    public static PolicyChange decides(RoutingPolicy policy) {
        return new PolicyChange(true, Optional.of(PolicyInUse.of(policy)));
    }

    /** A policy that is asked besides from now on, and stays loaded. */
    public static PolicyChange shadows(RoutingPolicy policy) {
        return new PolicyChange(false, Optional.of(PolicyInUse.of(policy)));
    }

    /** No policy is asked besides any more. */
    public static PolicyChange noShadow() {
        return new PolicyChange(false, Optional.empty());
    }
}
