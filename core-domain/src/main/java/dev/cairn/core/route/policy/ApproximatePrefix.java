package dev.cairn.core.route.policy;

import java.util.List;

/**
 * Who was sent the longest part of the prompt before, if that is enough of it; else, or when loads
 * differ too much, who has the least to do. The rule and its numbers are those of SGLang's
 * cache-aware policy.
 */
public final class ApproximatePrefix extends WeighingPolicy {

    private static final double LEAST_SHARE = 0.3;
    private static final int MOST_MORE = 64;
    private static final double MOST_TIMES = 1.5;

    /** Beyond any load. */
    private static final double NO_MATCH = 1e9;

    public ApproximatePrefix() {
        super("approximate-prefix", Knowledge.ROUTED);
    }

    @Override
    Weighing weigh(RouteQuestion question, List<Candidate> candidates) {
        int most = 0;
        int least = Integer.MAX_VALUE;
        for (Candidate candidate : candidates) {
            most = Math.max(most, Weighing.requests(candidate));
            least = Math.min(least, Weighing.requests(candidate));
        }
        if (most - least > MOST_MORE && most > MOST_TIMES * least) {
            return LeastLoad.of(candidates);
        }
        double blocks = Math.max(1, question.promptTokens() / (double) question.blockTokens());
        return new Weighing() {
            @Override
            public double cost(int candidate) {
                double share = Weighing.overlap(candidates.get(candidate)) / blocks;
                return share > LEAST_SHARE
                        ? -share
                        : NO_MATCH + Weighing.load(candidates.get(candidate));
            }

            @Override
            public String reason(int candidate) {
                return "%d of %.1f blocks went there; %s"
                        .formatted(
                                Weighing.overlap(candidates.get(candidate)),
                                blocks,
                                Weighing.loadReason(candidates.get(candidate)));
            }
        };
    }
}
