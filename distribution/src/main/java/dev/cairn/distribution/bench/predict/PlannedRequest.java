package dev.cairn.distribution.bench.predict;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.request.GenerationRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * A request of a load, and when it comes.
 *
 * @param atNanos after the load's start
 */
record PlannedRequest(long atNanos, int[] prompt, int answer) {

    private static final int[] PROMPT = {32, 512};
    private static final int[] ANSWER = {16, 128};

    /**
     * A load by seed: Poisson arrivals, prompts of 32 to 512 tokens and answers of 16 to 128, short
     * ones more often than long ones.
     */
    static List<PlannedRequest> load(long seed, int requests, double meanNanos, int vocabulary) {
        SeededRandom random = new SeededRandom(seed);
        List<PlannedRequest> load = new ArrayList<>();
        double at = 0;
        for (int i = 0; i < requests; i++) {
            at += random.nextExponential(meanNanos);
            int[] prompt = new int[length(random, PROMPT)];
            for (int k = 0; k < prompt.length; k++) {
                prompt[k] = random.nextInt(vocabulary);
            }
            load.add(new PlannedRequest((long) at, prompt, length(random, ANSWER)));
        }
        return load;
    }

    /** Log-uniform. */
    private static int length(SeededRandom random, int[] bounds) {
        double ratio = (double) bounds[1] / bounds[0];
        return (int) Math.round(bounds[0] * Math.pow(ratio, random.nextDouble()));
    }

    GenerationRequest request(String id, long arrivalNanos) {
        return GenerationRequest.greedy(id, "predicted", prompt, answer, arrivalNanos);
    }
}
