package dev.cairn.core.route;

import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.Knowledge;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.fleet.RoutingPolicy.Score;
import java.util.List;
import java.util.Optional;

/**
 * A policy while a router decides by it. Decisions are kept to be explained, and ask the policy for
 * its reasons; a policy whose code is to be unloaded is let go by all of them at once.
 *
 * <p>Threads: one router shard.
 */
public final class PolicyInUse {

    private final String name;
    private final Knowledge knowledge;
    private final Runnable whenGone;

    /** Null once it is gone. */
    private RoutingPolicy policy;

    private PolicyInUse(RoutingPolicy policy, Runnable whenGone) {
        this.name = policy.name();
        this.knowledge = policy.knowledge();
        this.policy = policy;
        this.whenGone = whenGone;
    }

    /** One that stays loaded: its decisions are explained for as long as they are kept. */
    public static PolicyInUse of(RoutingPolicy policy) {
        return new PolicyInUse(policy, null);
    }

    /**
     * One that is unloaded when another takes its place.
     *
     * @param whenGone runs when nothing here refers to it any more
     */
    public static PolicyInUse until(RoutingPolicy policy, Runnable whenGone) {
        return new PolicyInUse(policy, whenGone);
    }

    public String name() {
        return name;
    }

    Knowledge knowledge() {
        return knowledge;
    }

    RoutingPolicy policy() {
        return policy;
    }

    /** What it says of candidates, with reasons; empty once it is gone. */
    Optional<List<Score>> score(RouteQuestion question, List<Candidate> candidates) {
        return policy == null ? Optional.empty() : Optional.of(policy.score(question, candidates));
    }

    /** Another took its place. */
    void replaced() {
        if (whenGone != null && policy != null) {
            policy = null;
            whenGone.run();
        }
    }
}
