package dev.cairn.core.route;

import dev.cairn.core.route.RoutedPrefixes.Routed;
import dev.cairn.core.route.Router.Routing;
import dev.cairn.core.route.RouterRecord.Held;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes a router's decisions again from what it was told ({@link RouterRecord}), by the router
 * itself, and compares. Another policy can be asked besides, about every question in the situation
 * in which it was asked.
 *
 * <p>Threads: one.
 */
public final class IncidentReplay {

    /** Picks that may still be booked: those of one turn. */
    private static final int KEPT_PICKS = 16;

    private final Function<String, Optional<RoutingPolicy>> policies;
    private final Optional<RoutingPolicy> other;
    private final Map<Long, Routing> open = new HashMap<>();
    private final Map<Long, Routed> sent = new HashMap<>();
    private final Map<Long, Pick> picks =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Pick> eldest) {
                    return size() > KEPT_PICKS;
                }
            };

    private final Told told = new Told();
    private Router router;
    private long decisions;
    private long skipped;
    private Optional<Difference> difference = Optional.empty();
    private Comparison comparison = new Comparison(0, 0, 0, 0, 0, 0);

    /**
     * @param policies by name
     * @param other asked besides
     */
    public IncidentReplay(
            Function<String, Optional<RoutingPolicy>> policies, Optional<RoutingPolicy> other) {
        this.policies = policies;
        this.other = other;
    }

    /** Decisions that were made again. */
    public long decisions() {
        return decisions;
    }

    /** Records before the first {@link RouterRecord.Begins}, which say nothing alone. */
    public long skipped() {
        return skipped;
    }

    /** The first decision that came out otherwise. What follows it was not looked at. */
    public Optional<Difference> difference() {
        return difference;
    }

    /** What the other policy would have done. */
    public Comparison comparison() {
        return comparison;
    }

    /**
     * The next record.
     *
     * @throws IllegalArgumentException if it cannot follow what came before, or names a policy that
     *     is not here
     */
    public void accept(RouterRecord record) {
        if (difference.isPresent()) {
            return;
        }
        if (record instanceof RouterRecord.Begins begins) {
            begin(begins);
        } else if (router == null) {
            skipped++;
        } else {
            follow(record);
        }
    }

    private void begin(RouterRecord.Begins begins) {
        open.clear();
        sent.clear();
        picks.clear();
        router =
                new Router(
                        policy(begins.policy()),
                        begins.options(),
                        told,
                        new Bookings(begins.options().mostWorkers(), 0),
                        RouterJournal.NONE);
        other.ifPresent(policy -> router.shadowBy(PolicyInUse.of(policy)));
    }

    private RoutingPolicy policy(String name) {
        return policies.apply(name)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "the policy \"" + name + "\" is not here"));
    }

    private void follow(RouterRecord record) {
        switch (record) {
            case RouterRecord.Begins _ -> throw new AssertionError("begun elsewhere");
            case RouterRecord.Joined(int worker, String name, long blocks) ->
                    router.joinAs(worker, name, blocks);
            case RouterRecord.Left(int worker) -> router.leave(worker);
            case RouterRecord.Tells(int worker, boolean what) -> router.tells(worker, what);
            case RouterRecord.Reported(int worker, var load, var others) ->
                    router.reported(worker, load, others);
            case RouterRecord.DecidesBy(String name) -> router.decideBy(policy(name));
            case RouterRecord.Sent state -> {
                Routed prefix = router.sent(state);
                if (state.booking() >= 0) {
                    sent.put(state.booking(), prefix);
                }
            }
            case RouterRecord.Books state ->
                    open.put(state.booking(), router.books(state, sent.remove(state.booking())));
            case RouterRecord.Picked picked -> pick(picked);
            case RouterRecord.Booked(long booking, long pick, int tokens, long nanos) ->
                    open.put(booking, router.book(known(picks.get(pick)), tokens, nanos));
            case RouterRecord.FirstToken(long booking) -> known(open.get(booking)).firstToken();
            case RouterRecord.Released(long booking) -> known(open.remove(booking)).release();
        }
    }

    private static <T> T known(T what) {
        if (what == null) {
            throw new IllegalArgumentException("it is about a pick or a booking that never was");
        }
        return what;
    }

    private void pick(RouterRecord.Picked was) {
        BitSet mayServe = new BitSet();
        for (int worker : was.mayServe()) {
            mayServe.set(worker);
        }
        told.next(was.held());
        Pick is =
                router.pick(was.request(), question(was), mayServe::get, was.nanos())
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "it is about workers that never came"));
        decisions++;
        if (is.worker() != was.picked()
                || Double.compare(is.decision().cost(), was.cost()) != 0
                || is.cachedTokens() != was.cachedTokens()) {
            difference = Optional.of(new Difference(decisions, was, is));
        }
        is.decision().shadow().ifPresent(this::compare);
        picks.put(was.pick(), is);
    }

    /**
     * Of hashes beyond those that are remembered the index's key is known, which is all it needs.
     */
    private static RouteQuestion question(RouterRecord.Picked was) {
        RouteQuestion question = was.question();
        List<BlockHash> hashes = new ArrayList<>(question.blockHashes());
        for (int i = hashes.size(); i < was.keys().length; i++) {
            hashes.add(new BlockHash(0, 0, 0, was.keys()[i]));
        }
        return new RouteQuestion(
                question.model(),
                question.promptTokens(),
                question.blockTokens(),
                hashes,
                question.session(),
                question.ordinal(),
                question.noise());
    }

    private void compare(Shadowed shadow) {
        comparison =
                new Comparison(
                        comparison.decisions + 1,
                        comparison.agreed + (shadow.agrees() ? 1 : 0),
                        comparison.cachedTokens + shadow.cachedTokensOfPicked(),
                        comparison.otherCachedTokens + shadow.cachedTokens(),
                        comparison.cost + shadow.costOfPicked(),
                        comparison.otherCost + shadow.cost());
    }

    /**
     * A decision that came out otherwise.
     *
     * @param decision counted from 1
     */
    public record Difference(long decision, RouterRecord.Picked was, Pick is) {

        /** In a line. */
        public String text() {
            return "decision %d, request %s: the log says worker %d at cost %s with %d tokens cached, and now it is worker %d (%s) at cost %s with %d"
                    .formatted(
                            decision,
                            was.request(),
                            was.picked(),
                            was.cost(),
                            was.cachedTokens(),
                            is.worker(),
                            is.decision().worker(),
                            is.decision().cost(),
                            is.cachedTokens());
        }
    }

    /**
     * Another policy beside the one that decided, asked the same in the same situations.
     *
     * @param agreed decisions that were the same
     * @param cachedTokens at those that were picked, as far as was known
     * @param otherCachedTokens at those that the other one would have picked
     * @param cost of what was done, as the other one reckons, all together
     * @param otherCost of what it would have done
     */
    public record Comparison(
            long decisions,
            long agreed,
            long cachedTokens,
            long otherCachedTokens,
            double cost,
            double otherCost) {}

    /** What the index said then. */
    private static final class Told implements HeldPrefix {

        private final Map<Integer, Held> byWorker = new HashMap<>();
        private boolean isAsked;

        void next(List<Held> held) {
            byWorker.clear();
            held.forEach(each -> byWorker.put(each.worker(), each));
        }

        @Override
        public void match(long[] keys, int blocks) {
            isAsked = blocks > 0;
        }

        @Override
        public int depth(int worker) {
            Held held = byWorker.get(worker);
            int depth = 0;
            for (int i = 0; isAsked && held != null && i < held.blocks().length; i++) {
                depth += held.blocks()[i];
            }
            return depth;
        }

        @Override
        public int blocks(int worker, int tier) {
            Held held = byWorker.get(worker);
            return !isAsked || held == null ? 0 : held.blocks()[tier];
        }
    }
}
