package dev.cairn.core.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;

/**
 * Requests that no worker takes now: the better priority first, among equals those that somebody
 * already hears an answer of, then the earlier.
 *
 * <p>Threads: one mailbox owns it.
 */
final class WaitingRoom {

    private static final Comparator<RoutedRequest> ORDER =
            Comparator.<RoutedRequest>comparingInt(each -> each.request().priority())
                    .thenComparing(each -> !each.hasBegun())
                    .thenComparingLong(each -> each.request().arrivalNanos())
                    .thenComparing(RoutedRequest::id);

    private final int most;
    private final TreeSet<RoutedRequest> waiting = new TreeSet<>(ORDER);

    WaitingRoom(int most) {
        this.most = most;
    }

    int size() {
        return waiting.size();
    }

    /** Those that have begun find a place always: their number is bounded where they began. */
    boolean hasRoomFor(RoutedRequest request) {
        return request.hasBegun() || waiting.size() < most;
    }

    void add(RoutedRequest request) {
        waiting.add(request);
    }

    void remove(RoutedRequest request) {
        waiting.remove(request);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** All of them, in order. */
    List<RoutedRequest> inOrder() {
        return List.copyOf(waiting);
    }

    /** Takes those out whose time is over. */
    List<RoutedRequest> takeLate(long nanos) {
        List<RoutedRequest> late = new ArrayList<>();
        for (Iterator<RoutedRequest> all = waiting.iterator(); all.hasNext(); ) {
            RoutedRequest request = all.next();
            if (request.waitsUntil() <= nanos) {
                all.remove();
                late.add(request);
            }
        }
        return late;
    }

    /** Nobody was looked after for a while, and nobody's time is over by that. */
    void postpone(long nanos) {
        for (RoutedRequest request : waiting) {
            long until = Math.min(request.waitsUntil() + nanos, request.begunBy());
            request.waits(request.notBefore(), until);
        }
    }

    /** When something is to be done about one of them; {@code Long.MAX_VALUE} = never. */
    long nextDue(long nanos) {
        long next = Long.MAX_VALUE;
        for (RoutedRequest request : waiting) {
            next = Math.min(next, request.waitsUntil());
            if (request.notBefore() > nanos) {
                next = Math.min(next, request.notBefore());
            }
        }
        return next;
    }
}
