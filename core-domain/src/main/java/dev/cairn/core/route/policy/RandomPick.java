package dev.cairn.core.route.policy;

import dev.cairn.ports.system.RandomSource;
import java.util.List;

/** Anybody, each as likely as the other. */
public final class RandomPick extends WeighingPolicy {

    public RandomPick() {
        super("random", Knowledge.NOTHING);
    }

    @Override
    Weighing weigh(RouteQuestion question, List<Candidate> candidates) {
        return new Weighing() {
            @Override
            public double cost(int candidate) {
                return (RandomSource.mix(question.noise() + candidate) >>> 11) * 0x1p-53;
            }

            @Override
            public String reason(int candidate) {
                return "drawn by lot";
            }
        };
    }
}
