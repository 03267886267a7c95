package dev.cairn.core.fleet;

import dev.cairn.core.fair.DrainRate;
import dev.cairn.core.fair.TenantShares;
import dev.cairn.core.fair.TenantShares.Account;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Requests that no worker takes now: the better priority first, among equals those that somebody
 * already hears an answer of, then the tenant that has been given least, and of a tenant the
 * earlier.
 *
 * <p>Those that have not begun are bounded in number and prompt tokens.
 *
 * <p>Threads: one mailbox owns it.
 */
final class WaitingRoom {

    private static final Comparator<RoutedRequest> RANK =
            Comparator.comparingLong(WaitingRoom::urgency)
                    .thenComparingLong(each -> each.request().arrivalNanos())
                    .thenComparing(RoutedRequest::id);

    /** As many as a worker's queue has for each request. */
    private static final long TOKENS_PER_REQUEST = 4096;

    private final int most;
    private final long mostTokens;
    private final Map<String, Double> weights;
    private final TenantShares<RoutedRequest> shares;
    private final Set<RoutedRequest> waiting = new LinkedHashSet<>();
    private final WaitingWork work = new WaitingWork();
    private final DrainRate leaving = new DrainRate();
    private int held;

    /** Nothing is due before. */
    private long due = Long.MAX_VALUE;

    /**
     * @param most that have not begun
     * @param weights of tenants; 1 for those that are not named
     */
    WaitingRoom(int most, Map<String, Double> weights) {
        this.most = most;
        this.mostTokens = most * TOKENS_PER_REQUEST;
        this.weights = weights;
        this.shares = new TenantShares<>(weights, RANK, WaitingRoom::urgency);
    }

    private static long urgency(RoutedRequest request) {
        return 2L * request.request().priority() + (request.hasBegun() ? 0 : 1);
    }

    /** What tenants were given, whether it waited here or not. */
    TenantShares<RoutedRequest> shares() {
        return shares;
    }

    int size() {
        return waiting.size();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Whether some wait because workers have enough to do. */
    boolean isHolding() {
        return held > 0;
    }

    /** Prompt tokens that are sent from here before a request is, if it comes in now. */
    long before(RoutedRequest request) {
        return work.until(request, 0, work.tokens(), weights);
    }

    /** Prompt tokens of all that wait. */
    long tokens() {
        return work.tokens();
    }

    /** When it is worth asking again for one who finds no room. */
    long retryAfterMillis() {
        return leaving.retryAfterMillis(waiting.size());
    }

    /**
     * Whether it finds room. Those that have begun find a place always: their number is bounded
     * where they began.
     */
    boolean hasRoomFor(RoutedRequest request) {
        return request.hasBegun()
                || waiting.size() < most
                        && (waiting.isEmpty()
                                || work.tokens() + request.request().prompt().length <= mostTokens);
    }

    /**
     * Who gives way to a request in a full room: one of worse priority, else the last of the tenant
     * that fills most of the room if that is more than the new one's tenant would; null = nobody.
     */
    RoutedRequest givesWayTo(RoutedRequest request) {
        RoutedRequest worst = null;
        for (Account<RoutedRequest> account : shares.queued()) {
            RoutedRequest last = account.waiting().last();
            if (!last.hasBegun() && (worst == null || isWorse(last, worst))) {
                worst = last;
            }
        }
        if (worst == null) {
            return null;
        }
        int priority = worst.request().priority();
        if (priority != request.request().priority()) {
            return priority > request.request().priority() ? worst : null;
        }
        return worst.account().queueShare(-1) >= request.account().queueShare(1) ? worst : null;
    }

    private static boolean isWorse(RoutedRequest one, RoutedRequest other) {
        int priority = one.request().priority();
        int otherPriority = other.request().priority();
        return priority != otherPriority
                ? priority > otherPriority
                : one.account().queueShare(0) > other.account().queueShare(0);
    }

    /** It waits, as it says of itself how long. */
    void add(RoutedRequest request) {
        if (waiting.add(request)) {
            shares.enqueue(request.account(), request, request.hasBegun());
            work.add(request, request.request().prompt().length);
            request.account().fresh(request.hasBegun() ? 0 : 1);
            held += request.isHeld() ? 1 : 0;
            noteDue(request);
        }
    }

    /** Whether one that waits does so because workers have enough to do is another matter now. */
    void change(RoutedRequest request, boolean isHeld) {
        held += (isHeld ? 1 : 0) - (request.isHeld() ? 1 : 0);
        request.held(isHeld);
    }

    void remove(RoutedRequest request) {
        if (waiting.remove(request)) {
            shares.dequeue(request.account(), request);
            work.remove(request, request.request().prompt().length);
            request.account().fresh(request.hasBegun() ? 0 : -1);
            held -= request.isHeld() ? 1 : 0;
        }
    }

    /** One went from here to a worker. */
    void served(long nanos) {
        leaving.requestEnded(nanos);
        if (waiting.isEmpty()) {
            leaving.idle();
        }
    }

    /** Begins to visit all of them in order; none may come in before the pass is over. */
    void beginPass() {
        shares.beginPass();
    }

    /** Whose turn it is, by what tenants have been given by now; null at the end of the pass. */
    RoutedRequest next() {
        return shares.next();
    }

    /** Takes those out whose time is over. */
    List<RoutedRequest> takeLate(long nanos) {
        if (due > nanos) {
            return List.of();
        }
        List<RoutedRequest> late = new ArrayList<>();
        for (RoutedRequest request : waiting) {
            if (request.waitsUntil() <= nanos) {
                late.add(request);
            }
        }
        late.forEach(this::remove);
        return late;
    }

    /** Nobody was looked after for a while, and nobody's time is over by that. */
    void postpone(long nanos) {
        for (RoutedRequest request : waiting) {
            long until = request.waitsUntil();
            if (until < Long.MAX_VALUE) {
                request.waits(request.notBefore(), Math.min(until + nanos, request.begunBy()));
            }
        }
    }

    /** When something is to be done about one of them; {@code Long.MAX_VALUE} = never. */
    long nextDue(long nanos) {
        if (due <= nanos) {
            due = Long.MAX_VALUE;
            for (RoutedRequest request : waiting) {
                due = Math.min(due, request.waitsUntil());
                if (request.notBefore() > nanos) {
                    due = Math.min(due, request.notBefore());
                }
            }
        }
        return due;
    }

    private void noteDue(RoutedRequest request) {
        due = Math.min(due, request.waitsUntil());
        if (!request.isHeld()) {
            due = Math.min(due, request.notBefore());
        }
    }
}
