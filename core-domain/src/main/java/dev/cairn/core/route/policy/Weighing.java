package dev.cairn.core.route.policy;

import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.Score;
import java.util.ArrayList;
import java.util.List;

/** What a policy says of the candidates of one question, one by one. */
interface Weighing {

    double cost(int candidate);

    /** The terms of {@link #cost}, for people. */
    String reason(int candidate);

    default void costs(double[] costs, int candidates) {
        for (int i = 0; i < candidates; i++) {
            costs[i] = cost(i);
        }
    }

    default List<Score> scores(int candidates) {
        List<Score> scores = new ArrayList<>(candidates);
        for (int i = 0; i < candidates; i++) {
            scores.add(new Score(cost(i), reason(i)));
        }
        return scores;
    }

    /** Requests that a candidate has, in its batch and in its queue. */
    static int requests(Candidate candidate) {
        return candidate.load().running() + candidate.load().waiting();
    }

    /** Requests first, then the prompt tokens that they wait for. */
    static double load(Candidate candidate) {
        long tokens = Math.min(candidate.load().waitingPrefillTokens(), 1L << 40);
        return requests(candidate) + tokens * 0x1p-41;
    }

    static String loadReason(Candidate candidate) {
        return "%d requests, %d prompt tokens to compute"
                .formatted(requests(candidate), candidate.load().waitingPrefillTokens());
    }

    /** Prefix blocks of a candidate, whatever the tier. */
    static int overlap(Candidate candidate) {
        int sum = 0;
        for (int blocks : candidate.overlapBlocks().values()) {
            sum += blocks;
        }
        return sum;
    }
}
