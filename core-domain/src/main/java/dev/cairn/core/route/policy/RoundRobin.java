package dev.cairn.core.route.policy;

import java.util.List;

/** Everybody in turn. */
public final class RoundRobin extends WeighingPolicy {

    public RoundRobin() {
        super("round-robin", Knowledge.NOTHING);
    }

    @Override
    Weighing weigh(RouteQuestion question, List<Candidate> candidates) {
        int turn = (int) Long.remainderUnsigned(question.ordinal(), candidates.size());
        return new Weighing() {
            @Override
            public double cost(int candidate) {
                return Math.floorMod(candidate - turn, candidates.size());
            }

            @Override
            public String reason(int candidate) {
                return candidate == turn ? "its turn" : "its turn comes later";
            }
        };
    }
}
