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
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Picks workers: asks the index who holds what, the policy what each costs, books the load at the
 * cheapest, and remembers that the prompt goes there, so that the next one with the same prefix
 * finds it before the worker has said so.
 *
 * <p>Workers have the numbers that the index and the bookings know them by. They come and go: a
 * number is given away again when its worker has left.
 *
 * <p>Threads: one router shard.
 */
public final class Router {

    private static final Duration ROUTED_COUNTS = Duration.ofMinutes(10);
    private static final int REMEMBERED_HASHES = 8;
    private static final long[] NO_KEYS = {};

    private RoutingPolicy policy;
    private final PrefixIndex events;
    private final RoutedPrefixes routed;
    private final Bookings bookings;
    private final PrefixMatch heldMatch;
    private final PrefixMatch routedMatch;

    /** By number; null where nobody is. */
    private final String[] names;

    /** Workers that say what they hold: predictions end when they do. */
    private final boolean[] tells;

    /** Numbers beyond this one were never given away. */
    private int end;

    private final Candidate[] idle;

    /** Of the candidates of one question, in their order. */
    private final int[] numbers;

    private final double[] costs;
    private final List<Map<String, Integer>> deviceOverlaps = new ArrayList<>();
    private long[] keys = new long[256];

    /**
     * @param workers by their numbers in the index
     * @param events what they say they hold; fed by others
     */
    public Router(
            RoutingPolicy policy, List<String> workers, PrefixIndex events, Bookings bookings) {
        this(policy, events, bookings);
        workers.forEach(name -> tells(join(name), true));
    }

    /**
     * A router without workers.
     *
     * @param events what they say they hold; fed by others
     */
    public Router(RoutingPolicy policy, PrefixIndex events, Bookings bookings) {
        int most = events.options().mostWorkers();
        this.policy = policy;
        this.events = events;
        this.bookings = bookings;
        this.routed = new RoutedPrefixes(events.options(), ROUTED_COUNTS.toNanos());
        this.heldMatch = events.newMatch();
        this.routedMatch = routed.index().newMatch();
        this.names = new String[most];
        this.tells = new boolean[most];
        this.idle = new Candidate[most];
        this.numbers = new int[most];
        this.costs = new double[most];
    }

    /**
     * A worker is there from now on. What is sent to it counts as held, until it {@link #tells}.
     *
     * @return its number
     * @throws IllegalStateException if there are as many as the index has room for
     */
    public int join(String worker) {
        int number = 0;
        while (number < end && names[number] != null) {
            number++;
        }
        if (number == names.length) {
            throw new IllegalStateException("there is room for " + number + " workers only");
        }
        end = Math.max(end, number + 1);
        names[number] = worker;
        tells[number] = false;
        idle[number] = null;
        return number;
    }

    /**
     * Whether a worker says what it holds. Where it does, what was sent there counts until its
     * first token only; where it does not, for minutes.
     */
    public void tells(int worker, boolean what) {
        tells[worker] = what;
    }

    /**
     * A worker is gone, and with it what was sent there. What it said it holds is for whoever feeds
     * the index to clear, its bookings are its bookers' to release.
     */
    public void leave(int worker) {
        names[worker] = null;
        idle[worker] = null;
        routed.left(worker);
    }

    /** The policy that decides. */
    public RoutingPolicy policy() {
        return policy;
    }

    /** Decides by another policy from the next question on. */
    public void decideBy(RoutingPolicy other) {
        policy = other;
    }

    /** Picks one of all workers and books the request there. */
    public Routing route(String request, RouteQuestion question, long nanos) {
        Pick pick =
                pick(request, question, _ -> true, nanos)
                        .orElseThrow(() -> new IllegalStateException("there are no workers"));
        return book(pick, question.promptTokens() - pick.cachedTokens(), nanos);
    }

    /**
     * Picks one of the workers that may serve; empty if none may.
     *
     * @param mayServe by number
     */
    public Optional<Pick> pick(
            String request, RouteQuestion question, IntPredicate mayServe, long nanos) {
        int blocks = keysOf(question.blockHashes());
        List<Candidate> candidates = candidates(blocks, mayServe, nanos);
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        policy.costs(question, candidates, costs);
        int chosen = cheapest(question.noise(), candidates.size());
        int held = 0;
        for (int overlap : candidates.get(chosen).overlapBlocks().values()) {
            held += overlap;
        }
        boolean remembers = policy.knowledge() != Knowledge.NOTHING;
        return Optional.of(
                new Pick(
                        new Decision(
                                request,
                                nanos,
                                policy,
                                remembered(question),
                                candidates,
                                chosen,
                                costs[chosen]),
                        numbers[chosen],
                        Math.min(held * question.blockTokens(), question.promptTokens() - 1),
                        remembers ? Arrays.copyOf(keys, blocks) : NO_KEYS));
    }

    /** Decisions are kept; of a long prompt policies look at the first blocks' hashes only. */
    private static RouteQuestion remembered(RouteQuestion question) {
        return question.blockHashes().size() <= REMEMBERED_HASHES
                ? question
                : new RouteQuestion(
                        question.model(),
                        question.promptTokens(),
                        question.blockTokens(),
                        List.copyOf(question.blockHashes().subList(0, REMEMBERED_HASHES)),
                        question.session(),
                        question.ordinal(),
                        question.noise());
    }

    /**
     * Books a request at the worker that was picked.
     *
     * @param uncachedTokens prompt tokens that it has to compute
     */
    public Routing book(Pick pick, int uncachedTokens, long nanos) {
        RouteQuestion question = pick.decision.question();
        Booking booking =
                bookings.book(
                        pick.worker,
                        uncachedTokens,
                        Math.ceilDiv(question.promptTokens(), question.blockTokens()));
        Knowledge knowledge = pick.decision.policy().knowledge();
        Runnable forget = () -> {};
        if (knowledge != Knowledge.NOTHING) {
            Runnable unroute = routed.routed(pick.worker, pick.keys, pick.keys.length, nanos);
            forget = knowledge == Knowledge.EVENTS ? unroute : forget;
        }
        return new Routing(pick.decision, booking, forget, tells[pick.worker]);
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

    private List<Candidate> candidates(int blocks, IntPredicate mayServe, long nanos) {
        boolean looksUp = policy.knowledge() != Knowledge.NOTHING;
        if (looksUp) {
            routed.expire(nanos);
            events.match(keys, policy.knowledge() == Knowledge.EVENTS ? blocks : 0, heldMatch);
            routed.index().match(keys, blocks, routedMatch);
        }
        List<Candidate> candidates = new ArrayList<>(end);
        for (int worker = 0; worker < end; worker++) {
            if (names[worker] == null || !mayServe.test(worker)) {
                continue;
            }
            numbers[candidates.size()] = worker;
            LoadReport load = bookings.load(worker);
            if (looksUp && heldMatch.depth(worker) + routedMatch.depth(worker) > 0) {
                candidates.add(new Candidate(names[worker], load, overlap(worker)));
            } else {
                if (idle[worker] == null || idle[worker].load() != load) {
                    idle[worker] = new Candidate(names[worker], load, Map.of());
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
    private int cheapest(long noise, int count) {
        int start = (int) Long.remainderUnsigned(noise, count);
        int best = start;
        for (int i = 1; i < count; i++) {
            int candidate = start + i < count ? start + i : start + i - count;
            if (costs[candidate] < costs[best]) {
                best = candidate;
            }
        }
        return best;
    }

    /** A decision that nothing was booked for yet. */
    public static final class Pick {

        private final Decision decision;
        private final int worker;
        private final int cachedTokens;
        private final long[] keys;

        private Pick(Decision decision, int worker, int cachedTokens, long[] keys) {
            this.decision = decision;
            this.worker = worker;
            this.cachedTokens = cachedTokens;
            this.keys = keys;
        }

        public Decision decision() {
            return decision;
        }

        /** By number. */
        public int worker() {
            return worker;
        }

        /** Prompt tokens that the worker holds, as far as is known. */
        public int cachedTokens() {
            return cachedTokens;
        }
    }

    /** A request on its way. */
    public static final class Routing {

        private final Decision decision;
        private final Booking booking;
        private final boolean passes;
        private Runnable forget;

        /**
         * @param forget what was predicted of it
         * @param passes whether that ends with the first token
         */
        private Routing(Decision decision, Booking booking, Runnable forget, boolean passes) {
            this.decision = decision;
            this.booking = booking;
            this.forget = forget;
            this.passes = passes;
        }

        public Decision decision() {
            return decision;
        }

        public Booking booking() {
            return booking;
        }

        /** Its prompt is computed: the worker holds its blocks, and may have said so. */
        public void firstToken() {
            booking.firstToken();
            if (passes) {
                forget.run();
            }
            forget = () -> {};
        }

        /** It is over, whatever the reason. */
        public void release() {
            booking.release();
            forget.run();
        }
    }
}
