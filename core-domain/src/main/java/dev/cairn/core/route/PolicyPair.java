package dev.cairn.core.route;

import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.Knowledge;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import java.util.List;
import java.util.Optional;

/**
 * The policy that decides, and the one that is asked the same questions without a say.
 *
 * <p>Threads: one router shard.
 */
final class PolicyPair {

    private final double[] costs;
    private final double[] shadowCosts;
    private PolicyInUse acting;

    /** Null = there is none. */
    private PolicyInUse shadow;

    /**
     * @param mostWorkers candidates that there may be
     */
    PolicyPair(PolicyInUse acting, int mostWorkers) {
        this.acting = acting;
        this.costs = new double[mostWorkers];
        this.shadowCosts = new double[mostWorkers];
    }

    /**
     * What they say to a question.
     *
     * @param seen candidates, as the policy that decides sees them
     * @param chosen index of one of them
     */
    record Ruling(
            List<Candidate> seen,
            int chosen,
            double cost,
            int cachedTokens,
            Optional<Shadowed> shadow) {}

    PolicyInUse acting() {
        return acting;
    }

    Optional<PolicyInUse> shadow() {
        return Optional.ofNullable(shadow);
    }

    void decideBy(PolicyInUse other) {
        PolicyInUse before = acting;
        acting = other;
        before.replaced();
    }

    /**
     * @param other null = none
     */
    void shadowBy(PolicyInUse other) {
        PolicyInUse before = shadow;
        shadow = other;
        if (before != null) {
            before.replaced();
        }
    }

    /** Whether one of them wants to know what workers say they hold. */
    boolean asksWorkers() {
        return acting.knowledge() == Knowledge.EVENTS
                || shadow != null && shadow.knowledge() == Knowledge.EVENTS;
    }

    /** Asks both. */
    Ruling rule(RouteQuestion question, Candidates candidates) {
        List<Candidate> seen = candidates.seenBy(acting.knowledge());
        acting.policy().costs(question, seen, costs);
        int chosen = cheapest(costs, question.noise(), seen.size());
        return new Ruling(
                seen,
                chosen,
                costs[chosen],
                cachedTokens(question, seen.get(chosen)),
                shadow().map(other -> shadowed(other, question, candidates, seen, chosen)));
    }

    private Shadowed shadowed(
            PolicyInUse other,
            RouteQuestion question,
            Candidates candidates,
            List<Candidate> actingSees,
            int picked) {
        List<Candidate> seen =
                other.knowledge() == acting.knowledge()
                        ? actingSees
                        : candidates.seenBy(other.knowledge());
        other.policy().costs(question, seen, shadowCosts);
        int best = cheapest(shadowCosts, question.noise(), seen.size());
        return new Shadowed(
                other.name(),
                seen.get(best).worker(),
                best == picked,
                shadowCosts[best],
                shadowCosts[picked],
                cachedTokens(question, seen.get(best)),
                cachedTokens(question, seen.get(picked)));
    }

    private static int cachedTokens(RouteQuestion question, Candidate candidate) {
        int held = 0;
        for (int overlap : candidate.overlapBlocks().values()) {
            held += overlap;
        }
        return Math.min(held * question.blockTokens(), question.promptTokens() - 1);
    }

    /** Of equals one that the noise decides on. */
    private static int cheapest(double[] costs, long noise, int count) {
        int start = (int) Long.remainderUnsigned(noise, count);
        int best = start;
        for (int i = 1; i < count; i++) {
            int candidate = start + i < count ? start + i : start + i - count;
            if (costs[candidate] < costs[best]) {
                best = candidate;
            }
        }
        return best;
    }
}
