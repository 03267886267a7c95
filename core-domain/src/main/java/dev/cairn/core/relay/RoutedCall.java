package dev.cairn.core.relay;

import dev.cairn.core.relay.Picker.Asked;
import dev.cairn.ports.relay.AttemptFailure;
import dev.cairn.ports.relay.RelayCall;
import dev.cairn.ports.relay.RelayQuestion;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.request.RequestProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One relayed request. Bookings are released on every way out. One thread. */
final class RoutedCall implements RelayCall {

    private static final int FIRST_SERVER_ERROR = 500;

    private final RelayRouting routing;
    private final String id;
    private final String tenant;
    private final String model;
    private final boolean isSplittable;
    private final Asked asked;
    private List<Slot> failed = List.of();
    private Place prefill;
    private Place decode;
    private Place hedge;
    private int attempts;
    private boolean hasAnswered;
    private boolean hasEnded;

    RoutedCall(RelayRouting routing, RelayQuestion question, Asked asked) {
        this.routing = routing;
        this.id = question.id();
        this.tenant = question.tenant();
        this.model = question.model();
        this.isSplittable = question.splittable();
        this.asked = asked;
    }

    String id() {
        return id;
    }

    Asked asked() {
        return asked;
    }

    boolean isSplittable() {
        return isSplittable;
    }

    int attempts() {
        return attempts;
    }

    boolean mayGoTo(Slot slot) {
        return slot.serves(model)
                && !failed.contains(slot)
                && (decode == null || decode.slot() != slot);
    }

    void placed(Place prefill, Place decode) {
        this.prefill = prefill;
        this.decode = decode;
        attempts++;
    }

    @Override
    public RemoteWorker worker() {
        return decode.slot().worker;
    }

    @Override
    public Optional<RemoteWorker> prefill() {
        return prefill == null ? Optional.empty() : Optional.of(prefill.slot().worker);
    }

    @Override
    public long hedgeAfterNanos() {
        return prefill == null ? routing.hedgeAfterNanos() : 0;
    }

    @Override
    public Optional<RemoteWorker> hedge(long nanos) {
        if (hasEnded || hasAnswered || hedge != null || prefill != null) {
            return Optional.empty();
        }
        hedge = routing.hedge(this, nanos);
        return hedge == null ? Optional.empty() : Optional.of(hedge.slot().worker);
    }

    @Override
    public void answeredBy(RemoteWorker worker, long nanos) {
        if (hedge == null || hasEnded) {
            return;
        }
        Place loser = hedge;
        if (hedge.slot().worker.equals(worker)) {
            loser = decode;
            decode = hedge;
        }
        hedge = null;
        loser.slot().health.undecided();
        routing.release(loser);
    }

    @Override
    public void answered(int status, long nanos) {
        if (hasEnded || hasAnswered) {
            return;
        }
        hasAnswered = true;
        decode.firstToken();
        Slot slot = decode.slot();
        boolean isError = status >= FIRST_SERVER_ERROR;
        slot.record.counted(isError);
        if (isError) {
            slot.health.failed(nanos);
        } else {
            slot.health.succeeded();
        }
        if (prefill != null) {
            prefill.slot().health.succeeded();
            routing.release(prefill);
            prefill = null;
        }
    }

    @Override
    public boolean retry(RemoteWorker worker, AttemptFailure failure, long nanos) {
        if (hasEnded) {
            return false;
        }
        if (hedge != null) {
            return lostOne(worker, failure, nanos);
        }
        judge(worker, failure, nanos);
        letGo();
        return routing.placeAgain(this, failure, nanos);
    }

    /** One of two failed; the other goes on and needs nothing. */
    private boolean lostOne(RemoteWorker worker, AttemptFailure failure, long nanos) {
        boolean isHedge = hedge.slot().worker.equals(worker);
        Place lost = isHedge ? hedge : decode;
        if (!isHedge) {
            decode = hedge;
        }
        hedge = null;
        markFailed(lost.slot());
        routing.judge(lost.slot(), failure, nanos);
        routing.release(lost);
        return true;
    }

    private void judge(RemoteWorker worker, AttemptFailure failure, long nanos) {
        for (Place place : places()) {
            if (place.slot().worker.equals(worker)) {
                markFailed(place.slot());
                routing.judge(place.slot(), failure, nanos);
            } else {
                place.slot().health.undecided();
            }
        }
    }

    private void markFailed(Slot slot) {
        failed = failed.isEmpty() ? new ArrayList<>(2) : failed;
        failed.add(slot);
    }

    private List<Place> places() {
        List<Place> places = new ArrayList<>(3);
        if (prefill != null) {
            places.add(prefill);
        }
        if (decode != null) {
            places.add(decode);
        }
        if (hedge != null) {
            places.add(hedge);
        }
        return places;
    }

    private void letGo() {
        places().forEach(routing::release);
        prefill = null;
        decode = null;
        hedge = null;
    }

    @Override
    public boolean isMetered() {
        return routing.isMetered(tenant);
    }

    @Override
    public void answeredTokens(int tokens) {
        routing.charge(tenant, tokens);
    }

    @Override
    public RequestProblem problem() {
        return RelayRouting.nobody();
    }

    @Override
    public void end(boolean complete, long nanos) {
        if (hasEnded) {
            return;
        }
        hasEnded = true;
        if (decode != null && hasAnswered && !complete) {
            routing.judge(decode.slot(), AttemptFailure.BROKEN, nanos);
        } else if (!hasAnswered) {
            places().forEach(place -> place.slot().health.undecided());
        }
        letGo();
        routing.ended();
    }
}
