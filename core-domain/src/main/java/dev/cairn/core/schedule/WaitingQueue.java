package dev.cairn.core.schedule;

import java.util.Iterator;
import java.util.TreeSet;

/**
 * Sequences that wait to run, best rank first: new ones, and those that were preempted.
 *
 * <p>Requests that have not started are bounded in number and prompt tokens; preempted ones come
 * back however full it is.
 *
 * <p>Threads: one mailbox owns it.
 */
final class WaitingQueue {

    private final TreeSet<Sequence> sequences = new TreeSet<>(Sequence.RANK);
    private final int maxRequests;
    private final long maxTokens;
    private int freshRequests;
    private long freshTokens;
    private long tokens;

    WaitingQueue(int maxRequests, long maxTokens) {
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

    Sequence first() {
        return sequences.first();
    }

    /** The next in rank, or null. */
    Sequence after(Sequence sequence) {
        return sequences.higher(sequence);
    }

    Iterator<Sequence> inOrder() {
        return sequences.iterator();
    }

    /** Whether a new request finds room. */
    boolean hasRoomFor(LiveRequest request) {
        return freshRequests < maxRequests
                && (freshRequests == 0
                        || freshTokens + request.request().prompt().length <= maxTokens);
    }

    /** The worst-ranked request that has not started, or null. */
    LiveRequest worstFresh() {
        for (Sequence sequence : sequences.descendingSet()) {
            if (!sequence.live().hasStarted()) {
                return sequence.live();
            }
        }
        return null;
    }

    void add(Sequence sequence) {
        sequences.add(sequence);
        tokens += sequence.length();
        if (!sequence.live().hasStarted()) {
            freshRequests++;
            freshTokens += sequence.promptLength();
        }
    }

    /** Removes a sequence, before its request is marked as started. */
    boolean remove(Sequence sequence) {
        if (!sequences.remove(sequence)) {
            return false;
        }
        tokens -= sequence.length();
        if (!sequence.live().hasStarted()) {
            freshRequests--;
            freshTokens -= sequence.promptLength();
        }
        return true;
    }
}
