package dev.cairn.core.route.policy;

import java.util.List;

/** Who has the fewest requests; of equals, who has the fewest prompt tokens to compute. */
public final class LeastLoad extends WeighingPolicy {

    public LeastLoad() {
        super("least-load", Knowledge.NOTHING);
    }

    @Override
    Weighing weigh(RouteQuestion question, List<Candidate> candidates) {
        return of(candidates);
    }

    static Weighing of(List<Candidate> candidates) {
        return new Weighing() {
            @Override
            public double cost(int candidate) {
                return Weighing.load(candidates.get(candidate));
            }

            @Override
            public String reason(int candidate) {
                return Weighing.loadReason(candidates.get(candidate));
            }
        };
    }
}
