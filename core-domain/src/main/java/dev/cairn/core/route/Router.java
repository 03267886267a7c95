package dev.cairn.core.route;

import dev.cairn.core.route.Bookings.Booking;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.Knowledge;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Picks workers: asks the index who holds what, the policy what each costs, books the load at the
 * cheapest, and remembers that the prompt goes there, so that the next one with the same prefix
 * finds it before the worker has said so.
 *
 * <p>Threads: one router shard.
 */
public final class Router {

    private static final Duration ROUTED_COUNTS = Duration.ofMinutes(10);

    private final RoutingPolicy policy;
    private final List<String> workers;
    private final PrefixIndex events;
    private final RoutedPrefixes routed;
    private final Bookings bookings;
    private final PrefixMatch heldMatch;
    private final PrefixMatch routedMatch;
    private final Candidate[] idle;
    private final double[] costs;
    private final List<Map<String, Integer>> deviceOverlaps = new ArrayList<>();
    private long[] keys = new long[256];

    /**
     * @param workers by their numbers in the index; all of them are candidates
     * @param events what they say they hold; fed by others
     */
    public Router(
            RoutingPolicy policy, List<String> workers, PrefixIndex events, Bookings bookings) {
        this.policy = policy;
        this.workers = List.copyOf(workers);
        this.events = events;
        this.bookings = bookings;
        this.routed = new RoutedPrefixes(events.options(), ROUTED_COUNTS.toNanos());
        this.heldMatch = events.newMatch();
        this.routedMatch = routed.index().newMatch();
        this.idle = new Candidate[workers.size()];
        this.costs = new double[workers.size()];
    }

    /** Picks a worker and books the request there. */
    public Routing route(String request, RouteQuestion question, long nanos) {
        int blocks = keysOf(question.blockHashes());
        List<Candidate> candidates = candidates(blocks, nanos);
        policy.costs(question, candidates, costs);
        int chosen = cheapest(question.noise());
        int held = 0;
        for (int overlap : candidates.get(chosen).overlapBlocks().values()) {
            held += overlap;
        }
        int cached = Math.min(held * question.blockTokens(), question.promptTokens() - 1);
        Booking booking =
                bookings.book(
                        chosen,
                        question.promptTokens() - cached,
                        Math.ceilDiv(question.promptTokens(), question.blockTokens()));
        Runnable forget = () -> {};
        if (policy.knowledge() != Knowledge.NOTHING) {
            forget = routed.routed(chosen, Arrays.copyOf(keys, blocks), blocks, nanos);
        }
        return new Routing(
                new Decision(request, nanos, policy, question, candidates, chosen, costs[chosen]),
                booking,
                policy.knowledge() == Knowledge.EVENTS ? forget : () -> {});
    }

    private int keysOf(List<BlockHash> hashes) {
        int count = hashes.size();
        if (keys.length < count) {
            keys = new long[count + (count >>> 1)];
        }
        for (int i = 0; i < count; i++) {
            keys[i] = PrefixIndex.key(hashes.get(i), 0);
        }
        return count;
    }

    private List<Candidate> candidates(int blocks, long nanos) {
        boolean looksUp = policy.knowledge() != Knowledge.NOTHING;
        if (looksUp) {
            routed.expire(nanos);
            events.match(keys, policy.knowledge() == Knowledge.EVENTS ? blocks : 0, heldMatch);
            routed.index().match(keys, blocks, routedMatch);
        }
        List<Candidate> candidates = new ArrayList<>(workers.size());
        for (int worker = 0; worker < workers.size(); worker++) {
            LoadReport load = bookings.load(worker);
            if (looksUp && heldMatch.depth(worker) + routedMatch.depth(worker) > 0) {
                candidates.add(new Candidate(workers.get(worker), load, overlap(worker)));
            } else {
                if (idle[worker] == null || idle[worker].load() != load) {
                    idle[worker] = new Candidate(workers.get(worker), load, Map.of());
                }
                candidates.add(idle[worker]);
            }
        }
        return candidates;
    }

    /** What it holds, and beyond that what it will hold when it has done what was sent to it. */
    private Map<String, Integer> overlap(int worker) {
        int coming = Math.max(0, routedMatch.depth(worker) - heldMatch.depth(worker));
        int device = heldMatch.blocks(worker, 0) + coming;
        List<String> tiers = events.options().tiers();
        if (heldMatch.blocks(worker, 0) == heldMatch.depth(worker)) {
            while (deviceOverlaps.size() <= device) {
                deviceOverlaps.add(Map.of(tiers.getFirst(), deviceOverlaps.size()));
            }
            return deviceOverlaps.get(device);
        }
        Map<String, Integer> overlap = new HashMap<>();
        for (int tier = 0; tier < tiers.size(); tier++) {
            int blocks = tier == 0 ? device : heldMatch.blocks(worker, tier);
            if (blocks > 0) {
                overlap.put(tiers.get(tier), blocks);
            }
        }
        return overlap;
    }

    /** Of equals one that the noise decides on. */
    private int cheapest(long noise) {
        int count = workers.size();
        int start = (int) Long.remainderUnsigned(noise, count);
        int best = start;
        for (int i = 1; i < count; i++) {
            int worker = start + i < count ? start + i : start + i - count;
            if (costs[worker] < costs[best]) {
                best = worker;
            }
        }
        return best;
    }

    /**
     * A request on its way.
     *
     * @param forget what was predicted of it, once the worker has said it or never will
     */
    public record Routing(Decision decision, Booking booking, Runnable forget) {

        /** Its prompt is computed, and the worker has said which blocks it holds. */
        public void firstToken() {
            booking.firstToken();
            forget.run();
        }

        /** It is over, whatever the reason. */
        public void release() {
            booking.release();
            forget.run();
        }
    }
}
