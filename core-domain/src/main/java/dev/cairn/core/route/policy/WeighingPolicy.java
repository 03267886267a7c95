package dev.cairn.core.route.policy;

import dev.cairn.ports.fleet.RoutingPolicy;
import java.util.List;

/** A policy that weighs candidates one by one, once it has seen them all. */
abstract class WeighingPolicy implements RoutingPolicy {

    private final String name;
    private final Knowledge knowledge;

    WeighingPolicy(String name, Knowledge knowledge) {
        this.name = name;
        this.knowledge = knowledge;
    }

    abstract Weighing weigh(RouteQuestion question, List<Candidate> candidates);

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final Knowledge knowledge() {
        return knowledge;
    }

    @Override
    public final void costs(RouteQuestion question, List<Candidate> candidates, double[] costs) {
        weigh(question, candidates).costs(costs, candidates.size());
    }

    @Override
    public final List<Score> score(RouteQuestion question, List<Candidate> candidates) {
        return weigh(question, candidates).scores(candidates.size());
    }
}
