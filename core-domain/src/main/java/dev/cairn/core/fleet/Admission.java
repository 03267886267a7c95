package dev.cairn.core.fleet;

import dev.cairn.core.fair.TenantShares;
import dev.cairn.ports.request.RequestProblem;
import java.util.ArrayList;
import java.util.List;

/**
 * Who gets a worker now, who waits, and who is refused: while no worker is there, and while all
 * have enough to do. What is held back here goes by priority and in turns of tenants to whichever
 * worker has room first.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Admission {

    /** While workers have enough to do, their load is looked at also where nobody tells of it. */
    private static final long LOOK_NANOS = 100_000_000;

    private static final long NEVER = Long.MAX_VALUE;

    /** Somebody has a place. */
    interface Sending {

        void send(Attempt attempt, long nanos);
    }

    /** Somebody gets none. He is {@linkplain #forget forgotten} before it returns. */
    interface Refusal {

        void fail(RoutedRequest request, RequestProblem problem, long nanos);
    }

    private final Placement placement;
    private final Patience patience;
    private final WaitingRoom room;
    private final Sending sending;
    private final Refusal refusal;

    /** Whether something changed for which those wait who wait. */
    private boolean mayAdmit;

    Admission(
            FleetSettings settings,
            Placement placement,
            Patience patience,
            Sending sending,
            Refusal refusal) {
        this.placement = placement;
        this.patience = patience;
        this.room = new WaitingRoom(settings.mostWaiting(), settings.tenantWeights());
        this.sending = sending;
        this.refusal = refusal;
    }

    /** What tenants were given, whether it waited or not. */
    TenantShares<RoutedRequest> shares() {
        return room.shares();
    }

    int waiting() {
        return room.size();
    }

    /** Prompt tokens of those that wait. */
    long waitingTokens() {
        return room.tokens();
    }

    /** Something changed for which somebody may wait. */
    void roomMade() {
        mayAdmit = true;
    }

    /** Nobody was looked after for a while, and nobody's time is over by that. */
    void postpone(long nanos) {
        room.postpone(nanos);
    }

    /** It waits no more, whatever the reason. */
    void forget(RoutedRequest request) {
        room.remove(request);
    }

    /** Finds it a place, or one among those that wait. */
    void seek(RoutedRequest request, long nanos) {
        if (room.isHolding() && !request.hasBegun()) {
            // Those who wait have their turn first, if it is theirs.
            hold(request, nanos);
            mayAdmit = true;
            return;
        }
        switch (placement.place(request, nanos)) {
            case Place.At(var attempt) -> sending.send(attempt, nanos);
            case Place.TooLate(long by) -> fail(request, FleetProblems.unreachable(by), nanos);
            case Place.Busy() -> hold(request, nanos);
            case Place.Nowhere() -> await(request, nanos);
        }
    }

    /** All workers have enough to do: it waits for its turn, if that can come in time. */
    private void hold(RoutedRequest request, long nanos) {
        long before = room.before(request);
        long late = placement.lateness(request, before, nanos);
        if (late > 0) {
            fail(request, FleetProblems.unreachable(late), nanos);
        } else if (findsRoom(request, FleetProblems.queueFull(room.retryAfterMillis()), nanos)) {
            request.story().waits(Wait.Reason.WORKERS_BUSY, before, nanos);
            request.held(true);
            request.waits(nanos, request.begunBy());
            room.add(request);
        }
    }

    /** No worker is there: it waits for one, if any is expected. */
    private void await(RoutedRequest request, long nanos) {
        if (!patience.mayWait(request, nanos)) {
            RequestProblem last = request.problem();
            fail(request, last == null ? FleetProblems.nobodyReady() : last, nanos);
        } else if (findsRoom(request, FleetProblems.roomFull(), nanos)) {
            request.story().waits(Wait.Reason.NO_WORKER_READY, room.before(request), nanos);
            request.held(false);
            request.waits(nanos + patience.pause(request), patience.ends(request, nanos));
            room.add(request);
        }
    }

    /** Others give way to it, or it is refused. */
    private boolean findsRoom(RoutedRequest request, RequestProblem full, long nanos) {
        while (!room.hasRoomFor(request)) {
            RoutedRequest less = room.givesWayTo(request);
            fail(less == null ? request : less, full, nanos);
            if (less == null) {
                return false;
            }
        }
        return true;
    }

    /**
     * Those that wait are refused when their time is over, and tried when something changed.
     *
     * @return when to look again; {@code Long.MAX_VALUE} = not before something changes
     */
    long attend(long nanos) {
        if (room.isEmpty()) {
            mayAdmit = false;
            return NEVER;
        }
        for (RoutedRequest late : room.takeLate(nanos)) {
            if (late.isHeld() || patience.isOver(late, nanos)) {
                fail(late, lateness(late, nanos), nanos);
            } else {
                late.waits(late.notBefore(), patience.ends(late, nanos));
                room.add(late);
            }
        }
        if (mayAdmit) {
            mayAdmit = false;
            admit(nanos);
        }
        return Math.min(room.nextDue(nanos), room.isHolding() ? nanos + LOOK_NANOS : NEVER);
    }

    /** All that find a place now, in order. */
    private void admit(long nanos) {
        List<RoutedRequest> forsaken = new ArrayList<>();
        room.beginPass();
        RoutedRequest request = room.next();
        boolean isFull = false;
        while (request != null && !isFull) {
            if (request.notBefore() <= nanos) {
                switch (placement.place(request, nanos)) {
                    case Place.At(var attempt) -> {
                        room.remove(request);
                        room.served(nanos);
                        sending.send(attempt, nanos);
                    }
                    case Place.TooLate(long by) ->
                            fail(request, FleetProblems.unreachable(by), nanos);
                    case Place.Busy() -> {
                        keep(request, nanos);
                        // Who comes after it has more before it, unless it may not go everywhere.
                        isFull = request.avoidsNobody();
                    }
                    case Place.Nowhere() -> {
                        if (request.isHeld()) {
                            forsaken.add(request);
                        }
                    }
                }
            }
            request = room.next();
        }
        for (RoutedRequest each : forsaken) {
            room.remove(each);
            await(each, nanos);
        }
    }

    /** It waits on, for somebody who is there. */
    private void keep(RoutedRequest request, long nanos) {
        if (!request.isHeld()) {
            request.story().waits(Wait.Reason.WORKERS_BUSY, room.before(request), nanos);
            request.waits(request.notBefore(), request.begunBy());
            room.change(request, true);
        }
    }

    private RequestProblem lateness(RoutedRequest request, long nanos) {
        if (patience.isTooLate(request, nanos)) {
            return FleetProblems.late(room.retryAfterMillis());
        }
        return request.problem() == null ? FleetProblems.nobodyReady() : request.problem();
    }

    private void fail(RoutedRequest request, RequestProblem problem, long nanos) {
        refusal.fail(request, problem, nanos);
    }
}
