package dev.cairn.core.route.policy;

import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.system.RandomSource;
import java.util.List;

/**
 * Highest random weight (Thaler and Ravishankar 1996): a key goes to the same worker as long as
 * that is there, and nobody else's keys move when a worker comes or goes. A worker that has more
 * than {@value #MOST_OF_MEAN} times the mean of requests, and one, is passed over (consistent
 * hashing with bounded loads: Mirrokni, Thorup, Zadimoghaddam 2018).
 */
final class Rendezvous implements Weighing {

    private static final double MOST_OF_MEAN = 1.25;
    private static final double FULL = 1;

    private final long key;
    private final List<Candidate> candidates;
    private final String what;
    private final double most;

    /**
     * @param what the key is of, for people
     */
    Rendezvous(long key, List<Candidate> candidates, String what) {
        this.key = key;
        this.candidates = candidates;
        this.what = what;
        double sum = 0;
        for (Candidate candidate : candidates) {
            sum += Weighing.requests(candidate);
        }
        this.most = Math.ceil(MOST_OF_MEAN * (sum + 1) / candidates.size());
    }

    static long hash(String text) {
        long hash = 0;
        for (int i = 0; i < text.length(); i++) {
            hash = RandomSource.mix(hash + text.charAt(i));
        }
        return hash;
    }

    @Override
    public double cost(int candidate) {
        long bits = RandomSource.mix(key ^ hash(candidates.get(candidate).worker()));
        double weight = (bits >>> 11) * 0x1p-53;
        return isFull(candidate) ? FULL + weight : weight;
    }

    private boolean isFull(int candidate) {
        return Weighing.requests(candidates.get(candidate)) >= most;
    }

    @Override
    public String reason(int candidate) {
        return isFull(candidate)
                ? "has %d requests, and %.0f are its bound"
                        .formatted(Weighing.requests(candidates.get(candidate)), most)
                : "rank of its name for the " + what;
    }
}
