package dev.cairn.core.route.policy;

import dev.cairn.ports.system.RandomSource;
import java.util.List;

/**
 * The less loaded of two that are drawn by lot (Mitzenmacher 1996): many routers that see the same
 * loads do not all run to the same worker.
 */
public final class PowerOfTwo extends WeighingPolicy {

    private static final double NOT_DRAWN = 1e9;

    public PowerOfTwo() {
        super("power-of-two", Knowledge.NOTHING);
    }

    @Override
    Weighing weigh(RouteQuestion question, List<Candidate> candidates) {
        int count = candidates.size();
        long bits = RandomSource.mix(question.noise());
        int first = (int) Long.remainderUnsigned(bits >>> 32, count);
        int other = (int) Long.remainderUnsigned(bits & 0xffff_ffffL, Math.max(1, count - 1));
        int second = other < first ? other : Math.min(other + 1, count - 1);
        return new Weighing() {
            @Override
            public double cost(int candidate) {
                double load = Weighing.load(candidates.get(candidate));
                return candidate == first || candidate == second ? load : NOT_DRAWN + load;
            }

            @Override
            public String reason(int candidate) {
                return candidate == first || candidate == second
                        ? "drawn; " + Weighing.loadReason(candidates.get(candidate))
                        : "not drawn";
            }
        };
    }
}
