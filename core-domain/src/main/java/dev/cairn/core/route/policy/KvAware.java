package dev.cairn.core.route.policy;

import java.util.List;
import java.util.Map;

/**
 * The default: how many blocks a worker would have to compute before this prompt is read, less what
 * it holds of it, and how many blocks its answers read at every step.
 *
 * <pre>
 * overlap = credit / (1 + decay * (blocks to compute there - the least of all) / blocks of the prompt)
 *         * sum over tiers of weight(tier) * blocks of the prefix
 * cost    = prefill * (blocks to compute there + blocks of the prompt - overlap)
 *         + decode * (blocks in use + blocks of the prompt)
 * </pre>
 *
 * <p>The form is Dynamo's (lib/kv-router, scheduling/selector). Where one worker has far more
 * requests than another, as AIBrix guards it, those above the mean and a deviation cost more than
 * all others.
 */
public final class KvAware extends WeighingPolicy {

    private static final double OVERLOADED = 1e9;

    private final Settings settings;

    /** With the usual settings. */
    public KvAware() {
        this(Settings.USUAL);
    }

    public KvAware(Settings settings) {
        super("kv-aware", Knowledge.EVENTS);
        this.settings = settings;
    }

    /**
     * @param prefill weight of blocks that are computed
     * @param decode weight of blocks that are in use
     * @param credit what a block of the prefix is worth in blocks to compute. More than 1, for who
     *     computes a prefix again also drives out of his cache what others come back for
     * @param decay how much less a prefix is worth where much is to be computed; 0 = as much
     * @param tierWeights what a block is worth per tier, the device's being 1; other tiers count
     *     nothing
     * @param mostMore requests by which the busiest may exceed the idlest before the guard steps in
     */
    public record Settings(
            double prefill,
            double decode,
            double credit,
            double decay,
            Map<String, Double> tierWeights,
            int mostMore) {

        public static final Settings USUAL =
                new Settings(1, 0.05, 10, 0, Map.of("device", 1.0, "host", 0.75, "disk", 0.25), 32);

        public Settings {
            tierWeights = Map.copyOf(tierWeights);
            if (!(prefill >= 0 && decode >= 0 && credit >= 0 && decay >= 0) || mostMore < 1) {
                throw new IllegalArgumentException(
                        "weights of a policy are not negative, and its guard is at least 1");
            }
        }

        /** The same with another worth of prefixes. */
        public Settings withCredit(double blocks) {
            return new Settings(prefill, decode, blocks, decay, tierWeights, mostMore);
        }
    }

    @Override
    Weighing weigh(RouteQuestion question, List<Candidate> candidates) {
        return new Costs(question, candidates);
    }

    private final class Costs implements Weighing {

        private final List<Candidate> candidates;
        private final double tokensOfBlock;
        private final double promptBlocks;
        private final double leastToCompute;
        private final double mostRequests;

        private Costs(RouteQuestion question, List<Candidate> candidates) {
            this.candidates = candidates;
            this.tokensOfBlock = question.blockTokens();
            this.promptBlocks = question.promptTokens() / tokensOfBlock;
            double least = Double.MAX_VALUE;
            int most = 0;
            int fewest = Integer.MAX_VALUE;
            double sum = 0;
            double squares = 0;
            for (Candidate candidate : candidates) {
                least = Math.min(least, toCompute(candidate));
                int requests = Weighing.requests(candidate);
                most = Math.max(most, requests);
                fewest = Math.min(fewest, requests);
                sum += requests;
                squares += (double) requests * requests;
            }
            double mean = sum / candidates.size();
            double deviation = Math.sqrt(Math.max(0, squares / candidates.size() - mean * mean));
            this.leastToCompute = least;
            this.mostRequests =
                    most - fewest > settings.mostMore ? mean + deviation : Double.MAX_VALUE;
        }

        private double toCompute(Candidate candidate) {
            return candidate.load().waitingPrefillTokens() / tokensOfBlock;
        }

        private double overlap(Candidate candidate) {
            double overlap = 0;
            for (Map.Entry<String, Integer> held : candidate.overlapBlocks().entrySet()) {
                overlap += settings.tierWeights.getOrDefault(held.getKey(), 0.0) * held.getValue();
            }
            double more = (toCompute(candidate) - leastToCompute) / Math.max(1, promptBlocks);
            return settings.credit * overlap / (1 + settings.decay * more);
        }

        private double prefillBlocks(Candidate candidate) {
            return toCompute(candidate) + promptBlocks - overlap(candidate);
        }

        private double decodeBlocks(Candidate candidate) {
            return candidate.load().usedBlocks() + promptBlocks;
        }

        private boolean isOverloaded(Candidate candidate) {
            return Weighing.requests(candidate) > mostRequests;
        }

        @Override
        public double cost(int index) {
            Candidate candidate = candidates.get(index);
            double cost =
                    settings.prefill * prefillBlocks(candidate)
                            + settings.decode * decodeBlocks(candidate);
            return isOverloaded(candidate) ? OVERLOADED + cost : cost;
        }

        @Override
        public String reason(int index) {
            Candidate candidate = candidates.get(index);
            return "%.2f * (%.1f to compute + %.1f of the prompt - %.1f for its prefix) + %.2f * %.1f in use%s"
                    .formatted(
                            settings.prefill,
                            toCompute(candidate),
                            promptBlocks,
                            overlap(candidate),
                            settings.decode,
                            decodeBlocks(candidate),
                            isOverloaded(candidate) ? "; too many requests beside others" : "");
        }
    }
}
