package dev.cairn.core.schedule;

import dev.cairn.core.fair.TenantShares;
import dev.cairn.core.fair.TenantShares.Account;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Sequences that wait to run: new ones, and those that were preempted. A {@linkplain #beginPass
 * pass} visits them in the order in which they should start: the best priority first, among equals
 * the tenant that has been given least, and of a tenant the best rank.
 *
 * <p>Requests that have not started are bounded in number and prompt tokens; preempted ones come
 * back however full it is.
 *
 * <p>Threads: one mailbox owns it.
 */
final class WaitingQueue {

    private final TreeSet<Sequence> sequences = new TreeSet<>(Sequence.RANK);
    private final TenantShares<Sequence> shares;
    private final int maxRequests;
    private final long maxTokens;
    private int freshRequests;
    private long freshTokens;
    private long tokens;
    private int deadlines;

    WaitingQueue(TenantShares<Sequence> shares, int maxRequests, long maxTokens) {
        this.shares = shares;
        this.maxRequests = maxRequests;
        this.maxTokens = maxTokens;
    }

    boolean isEmpty() {
        return sequences.isEmpty();
    }

    int size() {
        return sequences.size();
    }

    /** Tokens that the waiting sequences have to compute before they choose their next. */
    long tokens() {
        return tokens;
    }

    /** Whether something that has not started has a deadline. */
    boolean hasDeadlines() {
        return deadlines > 0;
    }

    /** Requests that have not started and whose deadline has passed. */
    List<LiveRequest> late(long nanos) {
        if (!hasDeadlines()) {
            return List.of();
        }
        List<LiveRequest> late = new ArrayList<>();
        for (Iterator<Sequence> it = inOrder(); it.hasNext(); ) {
            LiveRequest request = it.next().live();
            OptionalLong deadline = request.request().deadlineNanos();
            if (!request.hasStarted() && deadline.isPresent() && deadline.getAsLong() < nanos) {
                late.add(request);
            }
        }
        return late;
    }

    /** Begins to visit the queue; nothing may come in before the pass is over. */
    void beginPass() {
        shares.beginPass();
    }

    /** Whom to start next, by what tenants have been given by now; null at the end of the pass. */
    Sequence next() {
        return shares.next();
    }

    /** All of them, by rank alone. */
    Iterator<Sequence> inOrder() {
        return sequences.iterator();
    }

    /** Whether a new request finds room. */
    boolean hasRoomFor(LiveRequest request) {
        return freshRequests < maxRequests
                && (freshRequests == 0
                        || freshTokens + request.request().prompt().length <= maxTokens);
    }

    /**
     * Who gives way to a new request in a full queue: one of worse priority, else the last of the
     * tenant that fills most of the queue if that is more than the new one's tenant would; null =
     * nobody.
     */
    LiveRequest givesWayTo(LiveRequest request) {
        LiveRequest worst = null;
        for (Account<Sequence> account : shares.queued()) {
            LiveRequest last = lastFresh(account);
            if (last != null && (worst == null || isWorse(last, worst))) {
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

    private static LiveRequest lastFresh(Account<Sequence> account) {
        for (Sequence sequence : account.waiting().descendingSet()) {
            if (!sequence.live().hasStarted()) {
                return sequence.live();
            }
        }
        return null;
    }

    private static boolean isWorse(LiveRequest one, LiveRequest other) {
        int priority = one.request().priority();
        int otherPriority = other.request().priority();
        return priority != otherPriority
                ? priority > otherPriority
                : one.account().queueShare(0) > other.account().queueShare(0);
    }

    void add(Sequence sequence) {
        if (!sequences.add(sequence)) {
            return;
        }
        shares.enqueue(sequence.live().account(), sequence, sequence.live().hasStarted());
        tokens += sequence.length();
        noteFresh(sequence, 1);
    }

    /** Removes a sequence, before its request is marked as started. */
    boolean remove(Sequence sequence) {
        if (!sequences.remove(sequence)) {
            return false;
        }
        shares.dequeue(sequence.live().account(), sequence);
        tokens -= sequence.length();
        noteFresh(sequence, -1);
        return true;
    }

    private void noteFresh(Sequence sequence, int change) {
        LiveRequest live = sequence.live();
        if (!live.hasStarted()) {
            freshRequests += change;
            freshTokens += (long) change * sequence.promptLength();
            live.account().fresh(change);
            if (live.request().deadlineNanos().isPresent()) {
                deadlines += change;
            }
        }
    }
}
