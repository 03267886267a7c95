package dev.cairn.core.route.policy;

import dev.cairn.ports.fleet.RoutingPolicy;
import java.util.List;
import java.util.Optional;

/** The policies that need no plugin. */
public final class RoutingPolicies {

    private static final List<RoutingPolicy> ALL =
            List.of(
                    new KvAware(),
                    new ApproximatePrefix(),
                    new ConsistentHash(),
                    new SessionAffinity(),
                    new LeastLoad(),
                    new PowerOfTwo(),
                    new RoundRobin(),
                    new RandomPick());

    private RoutingPolicies() {}

    /** All of them, the default first. */
    public static List<RoutingPolicy> all() {
        return ALL;
    }

    /** The policy of a name. */
    public static Optional<RoutingPolicy> named(String name) {
        return ALL.stream().filter(policy -> policy.name().equals(name)).findFirst();
    }
}
