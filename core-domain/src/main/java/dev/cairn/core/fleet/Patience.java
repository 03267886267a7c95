package dev.cairn.core.fleet;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;

/**
 * How long requests wait for workers that are not there, and how often they are tried.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Patience {

    private static final long FIRST_PAUSE_NANOS = 50_000_000;
    private static final int MOST_DOUBLINGS = 4;

    private final FleetSettings settings;
    private final Workers workers;

    Patience(FleetSettings settings, Workers workers) {
        this.settings = settings;
        this.workers = workers;
    }

    /** How long a request is left alone that was just tried in vain; 0 = it was not tried. */
    long pause(RoutedRequest request) {
        return request.tries() == 0
                ? 0
                : FIRST_PAUSE_NANOS << Math.min(request.tries() - 1, MOST_DOUBLINGS);
    }

    /** Until when it waits for a worker to be there. */
    long ends(RoutedRequest request, long nanos) {
        long longest = settings.longestWaitNanos();
        long patience = request.patienceEnds(longest);
        if (patience <= nanos) {
            patience = workers.lastThere(nanos) + longest;
        }
        return Math.min(patience, request.begunBy());
    }

    /** Those who have heard of an answer wait for the rest of it, however late it gets. */
    boolean isTooLate(RoutedRequest request, long nanos) {
        return request.begunBy() <= nanos;
    }

    /**
     * Whether somebody is expected who could take it: soon, or, if he was lost while it was here,
     * as long as requests wait.
     */
    boolean mayWait(RoutedRequest request, long nanos) {
        return request.hasBegun()
                || workers.any(
                        worker -> worker.facts().answers() && isComing(worker, request, nanos));
    }

    private boolean isComing(Worker worker, RoutedRequest request, long nanos) {
        boolean sawItGo = request.isPatient() && worker.awaySince() >= request.sinceNanos();
        return worker.isComing(
                nanos, sawItGo ? settings.longestWaitNanos() : settings.graceNanos());
    }

    /** Whether its time is over, of one that no worker was there for. */
    boolean isOver(RoutedRequest request, long nanos) {
        return isTooLate(request, nanos) || !request.isPatient() || hasWaitedEnough(request, nanos);
    }

    /**
     * Who lost a worker, or has begun, waits for one as long as any is expected, if it is not the
     * request that fails them.
     */
    boolean hasTriedEnough(RoutedRequest request, RequestProblem problem, long nanos) {
        if (!request.isPatient() || problem.category() == Category.INTERNAL) {
            return request.tries() >= settings.mostTries();
        }
        return request.breaks() >= settings.mostTries() || hasWaitedEnough(request, nanos);
    }

    /** For those that lost a worker, time counts in which none was there. */
    private boolean hasWaitedEnough(RoutedRequest request, long nanos) {
        long longest = settings.longestWaitNanos();
        return nanos >= request.patienceEnds(longest)
                && nanos >= workers.lastThere(nanos) + longest;
    }
}
