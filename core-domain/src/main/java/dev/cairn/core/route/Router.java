package dev.cairn.core.route;

import dev.cairn.core.route.Bookings.Booking;
import dev.cairn.core.route.PolicyPair.Ruling;
import dev.cairn.core.route.RoutedPrefixes.Routed;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.Knowledge;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
 * <p>A second policy may be asked the same questions without a say in the answer. Whatever the
 * router is told, and what it decides, can be heard by a {@link RouterJournal}.
 *
 * <p>Threads: one router shard.
 */
public final class Router {

    private static final Duration ROUTED_COUNTS = Duration.ofMinutes(10);
    private static final long[] NO_KEYS = {};
    private static final long NO_BOOKING = -1;

    private final PrefixIndexOptions options;
    private final RoutedPrefixes routed;
    private final Bookings bookings;
    private final Candidates candidates;
    private final RouterJournal journal;
    private final PolicyPair policies;

    /** Workers that say what they hold: predictions end when they do. */
    private final boolean[] tells;

    /** By number, those that are not over; kept only where a journal may want to know them. */
    private final Map<Long, Routing> open = new LinkedHashMap<>();

    /**
     * What was sent where, for a policy that is asked besides one that does not want to know:
     * apart, so that who looks on changes nothing. Null = nobody ever wanted it.
     */
    private RoutedPrefixes besides;

    private long[] keys = new long[256];
    private long picks;
    private long booked;

    /**
     * @param workers by their numbers in the index; they say what they hold
     * @param events what they say they hold; fed by others
     */
    public Router(
            RoutingPolicy policy, List<String> workers, PrefixIndex events, Bookings bookings) {
        this(policy, events, bookings, RouterJournal.NONE);
        workers.forEach(name -> tells[candidates.join(name)] = true);
    }

    /**
     * A router without workers.
     *
     * @param events what they say they hold; fed by others
     * @param journal hears everything from now on
     */
    public Router(
            RoutingPolicy policy, PrefixIndex events, Bookings bookings, RouterJournal journal) {
        this(policy, events.options(), new IndexedPrefix(events), bookings, journal);
    }

    /**
     * The same for models with several layer groups.
     *
     * @param windows per layer group the tokens that it sees; 0 = all
     * @param blockTokens of every group's blocks
     */
    public static Router ofGroups(
            RoutingPolicy policy,
            PrefixIndex events,
            List<Integer> windows,
            int blockTokens,
            Bookings bookings,
            RouterJournal journal) {
        HeldPrefix held = GroupedPrefix.of(events, windows, blockTokens);
        return new Router(policy, events.options(), held, bookings, journal);
    }

    /**
     * @param options bounds of what was sent
     * @param held what workers say they hold
     */
    Router(
            RoutingPolicy policy,
            PrefixIndexOptions options,
            HeldPrefix held,
            Bookings bookings,
            RouterJournal journal) {
        this.options = options;
        this.policies = new PolicyPair(PolicyInUse.of(policy), options.mostWorkers());
        this.bookings = bookings;
        this.journal = journal;
        this.routed = new RoutedPrefixes(options, ROUTED_COUNTS.toNanos());
        this.candidates = new Candidates(options, held, bookings);
        this.tells = new boolean[options.mostWorkers()];
    }

    /**
     * A worker is there from now on. What is sent to it counts as held, until it {@link #tells}.
     *
     * @param totalBlocks of its cache; 0 = not known
     * @return its number
     * @throws IllegalStateException if there are as many as the index has room for
     */
    public int join(String worker, long totalBlocks) {
        int number = candidates.join(worker);
        begin(number, worker, totalBlocks);
        return number;
    }

    void joinAs(int number, String worker, long totalBlocks) {
        candidates.joinAs(number, worker);
        begin(number, worker, totalBlocks);
    }

    private void begin(int number, String worker, long totalBlocks) {
        tells[number] = false;
        bookings.begin(number, totalBlocks);
        note(new RouterRecord.Joined(number, worker, totalBlocks));
    }

    /**
     * Whether a worker says what it holds. Where it does, what was sent there counts until its
     * first token only; where it does not, for minutes.
     */
    public void tells(int worker, boolean what) {
        if (tells[worker] != what) {
            tells[worker] = what;
            note(new RouterRecord.Tells(worker, what));
        }
    }

    /**
     * What a worker says of its load.
     *
     * @param others that send requests there, too
     */
    public void reported(int worker, LoadReport load, OtherRouters others) {
        if (journal.isOn()
                && !(load.equals(bookings.reported(worker))
                        && others.equals(bookings.others(worker)))) {
            journal.note(new RouterRecord.Reported(worker, load, others));
        }
        bookings.reported(worker, load);
        bookings.others(worker, others);
    }

    /**
     * A worker is gone, and with it what was sent there. What it said it holds is for whoever feeds
     * the index to clear, its bookings are its bookers' to release.
     */
    public void leave(int worker) {
        candidates.leave(worker);
        routed.left(worker);
        if (besides != null) {
            besides.left(worker);
        }
        note(new RouterRecord.Left(worker));
    }

    /** The name of the policy that decides. */
    public String policy() {
        return policies.acting().name();
    }

    /** The name of the policy that is asked besides. */
    public Optional<String> shadow() {
        return policies.shadow().map(PolicyInUse::name);
    }

    /** Decides by another policy from the next question on. */
    public void decideBy(RoutingPolicy other) {
        decideBy(PolicyInUse.of(other));
    }

    /** Decides by another policy, which may be one that is unloaded when it is replaced. */
    public void decideBy(PolicyInUse other) {
        note(new RouterRecord.DecidesBy(other.name()));
        policies.decideBy(other);
    }

    /** Asks another policy besides from now on; null = none. */
    public void shadowBy(PolicyInUse other) {
        policies.shadowBy(other);
    }

    /** Nothing that was picked waits to be booked: the moment to tell a journal the state. */
    public void beginTurn(long nanos) {
        if (journal.wantsState()) {
            tellState(nanos);
        }
    }

    private void tellState(long nanos) {
        journal.note(new RouterRecord.Begins(options, policy(), nanos));
        for (int worker = 0; worker < candidates.end(); worker++) {
            if (candidates.name(worker) != null) {
                journal.note(
                        new RouterRecord.Joined(
                                worker, candidates.name(worker), bookings.totalBlocks(worker)));
                journal.note(new RouterRecord.Tells(worker, tells[worker]));
                if (bookings.reported(worker) != null) {
                    journal.note(
                            new RouterRecord.Reported(
                                    worker, bookings.reported(worker), bookings.others(worker)));
                }
            }
        }
        Map<Routed, Long> sentFor = new LinkedHashMap<>();
        open.forEach((number, routing) -> routing.sent().ifPresent(it -> sentFor.put(it, number)));
        routed.all()
                .forEach(
                        sent ->
                                journal.note(
                                        new RouterRecord.Sent(
                                                sent.worker(),
                                                sent.keys(),
                                                sent.untilNanos(),
                                                sentFor.getOrDefault(sent, NO_BOOKING))));
        for (Routing routing : open.values()) {
            Booking booking = routing.booking;
            journal.note(
                    new RouterRecord.Books(
                            routing.number,
                            booking.worker(),
                            booking.tokens(),
                            booking.sequenceBlocks(),
                            booking.isReading(),
                            routing.passes));
        }
    }

    private void note(RouterRecord record) {
        if (journal.isOn()) {
            journal.note(record);
        }
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
        if (candidates.choose(mayServe) == 0) {
            return Optional.empty();
        }
        RoutedPrefixes remembers = remembers();
        boolean asksWorkers = policies.asksWorkers() || journal.isOn();
        candidates.lookUp(keys, blocks, asksWorkers, remembers, nanos);
        candidates.unseen(question);
        Ruling ruling = policies.rule(question, candidates);
        Decision decision =
                new Decision(
                        request,
                        nanos,
                        policies.acting(),
                        Decision.remembered(question),
                        ruling.seen(),
                        ruling.chosen(),
                        ruling.cost(),
                        ruling.shadow());
        Pick pick =
                new Pick(
                        picks++,
                        decision,
                        candidates.number(ruling.chosen()),
                        ruling.cachedTokens(),
                        remembers,
                        remembers == null && !journal.isOn()
                                ? NO_KEYS
                                : Arrays.copyOf(keys, blocks));
        if (journal.isOn()) {
            journal.note(recordOf(pick));
        }
        return Optional.of(pick);
    }

    /** Where it is remembered where prompts went; null = nobody wants to know. */
    private RoutedPrefixes remembers() {
        if (policies.acting().knowledge() != Knowledge.NOTHING) {
            return routed;
        }
        if (policies.shadow().filter(it -> it.knowledge() != Knowledge.NOTHING).isEmpty()) {
            return null;
        }
        if (besides == null) {
            besides = new RoutedPrefixes(options, ROUTED_COUNTS.toNanos());
        }
        return besides;
    }

    private RouterRecord recordOf(Pick pick) {
        Decision decision = pick.decision();
        return new RouterRecord.Picked(
                pick.number(),
                decision.request(),
                decision.nanos(),
                decision.question(),
                pick.keys(),
                candidates.numbers(),
                candidates.held(),
                pick.worker(),
                decision.cost(),
                pick.cachedTokens());
    }

    /**
     * Books a request at the worker that was picked.
     *
     * @param uncachedTokens prompt tokens that it has to compute
     */
    public Routing book(Pick pick, int uncachedTokens, long nanos) {
        RouteQuestion question = pick.decision().question();
        Booking booking =
                bookings.book(
                        pick.worker(),
                        uncachedTokens,
                        Math.ceilDiv(question.promptTokens(), question.blockTokens()));
        Routed sent =
                pick.remembers() == null
                        ? null
                        : pick.remembers()
                                .routed(pick.worker(), pick.keys(), pick.keys().length, nanos);
        boolean mayGo = pick.decision().policy().knowledge() != Knowledge.ROUTED;
        Routing routing =
                new Routing(
                        booked++,
                        pick.decision(),
                        booking,
                        mayGo ? sent : null,
                        tells[pick.worker()]);
        note(new RouterRecord.Booked(routing.number, pick.number(), uncachedTokens, nanos));
        return opened(routing);
    }

    private Routing opened(Routing routing) {
        if (journal.isOn()) {
            open.put(routing.number, routing);
        }
        return routing;
    }

    /** Of a state that was told: a prompt counts as held. */
    Routed sent(RouterRecord.Sent sent) {
        return routed.until(sent.worker(), sent.keys(), sent.keys().length, sent.untilNanos());
    }

    /**
     * Of a state that was told: a booking is open.
     *
     * @param sent for it; null = nothing
     */
    Routing books(RouterRecord.Books books, Routed sent) {
        Booking booking =
                bookings.book(books.worker(), books.uncachedTokens(), books.sequenceBlocks());
        if (!books.isReading()) {
            booking.firstToken();
        }
        return opened(new Routing(books.booking(), null, booking, sent, books.passes()));
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

    /** A request on its way. */
    public final class Routing {

        private final long number;
        private final Decision decision;
        private final Booking booking;
        private final boolean passes;

        /** Null = nothing that it could take back. */
        private Routed sent;

        /**
         * @param sent what was predicted of it
         * @param passes whether that ends with the first token
         */
        private Routing(
                long number, Decision decision, Booking booking, Routed sent, boolean passes) {
            this.number = number;
            this.decision = decision;
            this.booking = booking;
            this.sent = sent;
            this.passes = passes;
        }

        public Decision decision() {
            return decision;
        }

        public Booking booking() {
            return booking;
        }

        private Optional<Routed> sent() {
            return Optional.ofNullable(sent);
        }

        /** Its prompt is computed: the worker holds its blocks, and may have said so. */
        public void firstToken() {
            if (booking.isReading()) {
                note(new RouterRecord.FirstToken(number));
            }
            booking.firstToken();
            if (passes && sent != null) {
                sent.forget();
            }
            sent = null;
        }

        /** It is over, whatever the reason. Again does nothing. */
        public void release() {
            if (!booking.isReleased()) {
                note(new RouterRecord.Released(number));
                open.remove(number);
            }
            booking.release();
            if (sent != null) {
                sent.forget();
                sent = null;
            }
        }
    }
}
