package dev.cairn.core.relay;

import dev.cairn.core.fleet.health.Budget;
import dev.cairn.core.fleet.health.WorkerHealth;
import dev.cairn.core.relay.Picker.Asked;
import dev.cairn.core.relay.Picker.Picked;
import dev.cairn.core.request.Accounts;
import dev.cairn.core.route.Bookings;
import dev.cairn.core.route.Decision;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.relay.AttemptFailure;
import dev.cairn.ports.relay.BlockShape;
import dev.cairn.ports.relay.Dialect;
import dev.cairn.ports.relay.RelayCall;
import dev.cairn.ports.relay.RelayDesk;
import dev.cairn.ports.relay.RelayQuestion;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The relay's desk: every relayed request is picked a worker for, booked there and let go of here.
 *
 * <p>Threads: one, the relay's loop.
 */
public final class RelayRouting implements RelayDesk {

    /** As load reports count them; nobody knows how many a remote engine has. */
    private static final long BLOCKS_OF_WORKER = 1 << 20;

    private static final double HEDGE_SHARE = 0.05;
    private static final int MOST_SAVED = 100;
    private static final int REMEMBERED = 1024;
    private static final int SHOWN_CANDIDATES = 16;
    private static final long RETRY_AFTER_MILLIS = 1_000;

    private final RelayOptions options;
    private final Accounts accounts;
    private final RelayFleet fleet;
    private final Bookings bookings;
    private final Picker picker;
    private final EngineHoldings holdings;
    private final Budget retries;
    private final Budget hedges = new Budget(HEDGE_SHARE, MOST_SAVED / 10);
    private final Decision[] decisions = new Decision[REMEMBERED];
    private int decided;
    private int running;

    /**
     * @param accounts hold tenants to their rules
     */
    public RelayRouting(RelayOptions options, Accounts accounts) {
        this(options, accounts, EngineHoldings.none());
    }

    /**
     * @param accounts hold tenants to their rules
     * @param holdings with room for as many workers as the options
     */
    public RelayRouting(RelayOptions options, Accounts accounts, EngineHoldings holdings) {
        this.options = options;
        this.accounts = accounts;
        this.fleet = new RelayFleet(options);
        this.bookings = new Bookings(options.mostWorkers(), BLOCKS_OF_WORKER);
        this.picker = new Picker(options, bookings, holdings);
        this.holdings = holdings;
        this.retries = new Budget(options.retryShare(), MOST_SAVED);
    }

    @Override
    public void workers(List<RemoteWorker> workers, long nanos) {
        fleet.set(workers, nanos, picker::left).forEach(picker::forget);
    }

    @Override
    public List<Probe> probesDue(long nanos) {
        return fleet.probesDue(nanos);
    }

    @Override
    public void probed(RemoteWorker worker, ProbeOutcome outcome, long nanos) {
        Slot slot = fleet.slot(worker);
        if (slot == null) {
            return;
        }
        switch (outcome) {
            case ProbeOutcome.Alive(var models) -> {
                if (slot.wantsModels(Integer.MAX_VALUE) || models.isPresent()) {
                    slot.tells(models);
                }
                slot.health.probeSucceeded(nanos);
            }
            case ProbeOutcome.Dead(var why) -> {
                if (slot.health.probeFailed(why == AttemptFailure.REFUSED, nanos)) {
                    picker.forget(slot);
                }
            }
        }
    }

    @Override
    public boolean isGone(RemoteWorker worker) {
        Slot slot = fleet.slot(worker);
        return slot != null && slot.health.presence() == WorkerHealth.Presence.GONE;
    }

    @Override
    public boolean hasProbedAll() {
        return fleet.hasProbedAll();
    }

    @Override
    public RelayCall open(RelayQuestion question, long nanos) {
        if (running >= options.mostRunning()) {
            throw refused(
                    Category.OVERLOADED,
                    "overloaded",
                    "too many requests at once; send it again later");
        }
        if (!fleet.knows(question.model())) {
            throw fleet.slots().stream().noneMatch(Slot::wasHeard)
                    ? new RequestRefused(nobody())
                    : unknownModel(question.model());
        }
        if (!accounts.mayUse(question.tenant(), question.model())) {
            throw unknownModel(question.model());
        }
        retries.earned();
        hedges.earned();
        Asked asked = picker.read(question);
        // Before a place is booked, so that there is nothing to take back.
        accounts.admit(question.tenant(), asked.question().promptTokens());
        var call = new RoutedCall(this, question, asked);
        if (!place(call, nanos)) {
            throw new RequestRefused(nobody());
        }
        running++;
        return call;
    }

    /** Finds a place for an attempt and books it. */
    boolean place(RoutedCall call, long nanos) {
        Picked decode =
                picker.pick(
                        call.id(),
                        call.asked(),
                        fleet.slots(),
                        slot -> slot.decodes() && call.mayGoTo(slot),
                        nanos);
        if (decode == null) {
            return false;
        }
        Picked prefill = prefill(call, decode, nanos);
        if (prefill == null && needsPrefill(decode.slot())) {
            return false;
        }
        decisions[decided++ % REMEMBERED] = decode.decision();
        call.placed(prefill == null ? null : book(prefill, call, nanos), book(decode, call, nanos));
        return true;
    }

    /** SGLang's decode workers cannot read a prompt. */
    private static boolean needsPrefill(Slot decode) {
        return decode.worker.dialect() == Dialect.SGLANG && decode.worker.role() == Role.DECODE;
    }

    private Picked prefill(RoutedCall call, Picked decode, long nanos) {
        Dialect dialect = decode.slot().worker.dialect();
        boolean worthIt =
                call.isSplittable()
                        && dialect != Dialect.OPENAI
                        && decode.slot().worker.role() == Role.DECODE
                        && decode.uncachedBytes() >= options.splitFrom();
        if (!worthIt && !needsPrefill(decode.slot())) {
            return null;
        }
        return picker.pick(
                call.id(),
                call.asked(),
                fleet.slots(),
                slot -> slot.prefills() && slot.worker.dialect() == dialect && call.mayGoTo(slot),
                nanos);
    }

    private Place book(Picked picked, RoutedCall call, long nanos) {
        Slot slot = picked.slot();
        slot.open++;
        slot.health.begun();
        return new Place(
                slot,
                bookings.book(slot.number, picked.uncached(), call.asked().blocks()),
                picker.sent(slot, nanos));
    }

    /** Somebody for a second attempt beside the first. */
    Place hedge(RoutedCall call, long nanos) {
        picker.again(call.asked());
        Picked picked =
                picker.pick(
                        call.id(),
                        call.asked(),
                        fleet.slots(),
                        slot -> slot.decodes() && call.mayGoTo(slot),
                        nanos);
        return picked == null || needsPrefill(picked.slot()) || !hedges.spent()
                ? null
                : book(picked, call, nanos);
    }

    void release(Place place) {
        place.release();
        fleet.released(place.slot());
    }

    /** One more attempt, after a failed one. */
    boolean placeAgain(RoutedCall call, AttemptFailure failure, long nanos) {
        // Where nobody listened, nobody has done any work for it.
        boolean isFree = failure == AttemptFailure.REFUSED;
        if (call.attempts() >= options.mostAttempts() || !(isFree || retries.spent())) {
            return false;
        }
        picker.again(call.asked());
        return place(call, nanos);
    }

    /** What an attempt says about its worker. */
    void judge(Slot slot, AttemptFailure failure, long nanos) {
        slot.record.counted(true);
        boolean isGone =
                switch (failure) {
                    case REFUSED -> slot.health.disconnected(true, nanos);
                    case UNREACHABLE, BROKEN -> slot.health.disconnected(false, nanos);
                    case SILENT, UNAVAILABLE, NONSENSE -> {
                        slot.health.failed(nanos);
                        yield false;
                    }
                };
        if (isGone) {
            picker.forget(slot);
        }
    }

    boolean isMetered(String tenant) {
        return accounts.counts(tenant);
    }

    void charge(String tenant, int tokens) {
        accounts.charge(tenant, tokens);
    }

    void ended() {
        running--;
    }

    long hedgeAfterNanos() {
        return options.hedgeAfter().toNanos();
    }

    @Override
    public boolean mustWait(String model, long nanos) {
        boolean isNobodyHeard = true;
        for (Slot slot : fleet.slots()) {
            if (slot.decodes() && slot.serves(model) && slot.health.takes(nanos)) {
                return false;
            }
            isNobodyHeard &= !slot.wasHeard();
        }
        return isNobodyHeard || fleet.knows(model);
    }

    @Override
    public Optional<BlockShape> blocksOf(String model) {
        for (Slot slot : fleet.slots()) {
            int tokens = holdings.blockTokens(slot.number);
            if (tokens > 0 && slot.serves(model)) {
                return Optional.of(new BlockShape(tokens, slot.isAdapter(model) ? model : ""));
            }
        }
        return Optional.empty();
    }

    @Override
    public List<JsonObject> models(String tenant) {
        return fleet.models().stream()
                .filter(
                        entry ->
                                entry.member("id") instanceof JsonString(var id)
                                        && accounts.mayUse(tenant, id))
                .toList();
    }

    @Override
    public Optional<RequestProblem> unreadyBecause(long nanos) {
        for (Slot slot : fleet.slots()) {
            if (slot.decodes() && slot.health.takes(nanos)) {
                return Optional.empty();
            }
        }
        return Optional.of(nobody());
    }

    @Override
    public List<JsonObject> workerReports(long nanos) {
        List<JsonObject> reports = new ArrayList<>();
        for (Slot slot : fleet.slots()) {
            var load = bookings.load(slot.number);
            reports.add(
                    JsonObject.builder()
                            .put("worker", slot.worker.name())
                            .put("state", slot.health.state(nanos))
                            .put("running", (long) load.running())
                            .put("waiting", (long) load.waiting())
                            .put("waiting_prefill_tokens", load.waitingPrefillTokens())
                            .put("kv_events", holdings.state(slot.number))
                            .put("block_tokens", (long) holdings.blockTokens(slot.number))
                            .build());
        }
        return reports;
    }

    @Override
    public Optional<JsonObject> explain(String requestId) {
        for (int i = 0; i < REMEMBERED; i++) {
            Decision decision = decisions[Math.floorMod(decided - 1 - i, REMEMBERED)];
            if (decision != null && decision.request().equals(requestId)) {
                return Optional.of(decision.json(SHOWN_CANDIDATES));
            }
        }
        return Optional.empty();
    }

    /** Requests that were opened and not ended. */
    public int running() {
        return running;
    }

    /** Bookings that nobody released; none where nothing runs. */
    public int openBookings() {
        return bookings.open();
    }

    static RequestProblem nobody() {
        return new RequestProblem(
                Category.UNAVAILABLE,
                "no worker can answer now; send it again later",
                Optional.empty(),
                "no_worker",
                OptionalLong.of(RETRY_AFTER_MILLIS));
    }

    private static RequestRefused refused(Category category, String code, String message) {
        return new RequestRefused(
                new RequestProblem(
                        category,
                        message,
                        Optional.empty(),
                        code,
                        OptionalLong.of(RETRY_AFTER_MILLIS)));
    }

    private static RequestRefused unknownModel(String model) {
        return new RequestRefused(
                new RequestProblem(
                        Category.NOT_FOUND,
                        "The model `" + shortened(model) + "` does not exist here",
                        Optional.of("model"),
                        "model_not_found",
                        OptionalLong.empty()));
    }

    private static String shortened(String model) {
        return model.length() <= 100 ? model : model.substring(0, 100) + "…";
    }
}
