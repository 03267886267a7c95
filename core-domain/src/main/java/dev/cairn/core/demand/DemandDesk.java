package dev.cairn.core.demand;

import dev.cairn.core.demand.Place.State;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Decides which models have memory. A request for one that sleeps waits until it is awake; if as
 * many are awake as may be, the one that nobody uses, else the one used longest ago, is put to
 * sleep for it, after its running requests. Models that are waited for come in the order of asking,
 * so that two busy ones take turns.
 *
 * <p>Threads: any; decisions are made in the turns of a mailbox. An answer's events do not pass
 * through it.
 */
public final class DemandDesk implements AutoCloseable {

    private final DemandSettings settings;
    private final Timers timers;
    private final Mailbox<Event> mailbox;
    private final Telemetry.Counter wakings;
    private final List<Place> places = new ArrayList<>();
    private final SequencedSet<Place> wanted = new LinkedHashSet<>();
    private int held;
    private boolean closed;

    public DemandDesk(
            DemandSettings settings, MailboxDriver driver, Timers timers, Telemetry telemetry) {
        this.settings = settings;
        this.timers = timers;
        this.mailbox = driver.open("models-on-demand", this::turn);
        this.wakings =
                telemetry.counter(
                        "cairn:model_wakings_total",
                        "Models that were given their memory because somebody asked for them, by"
                                + " what came of it",
                        List.of("model", "outcome"));
    }

    private sealed interface Event {

        record Added(Place place) implements Event {}

        record Asked(HeldRequest request) implements Event {}

        record Hoped(Place place, Completion<Void> done) implements Event {}

        record Cancelled(HeldRequest request) implements Event {}

        record Late(HeldRequest request) implements Event {}

        record Ended(Place place) implements Event {}

        record Idle(Place place, long use) implements Event {}

        record Moved(Place place, State state, Optional<Throwable> failure) implements Event {}

        record Closed() implements Event {}
    }

    /**
     * The same model, on demand.
     *
     * @param model with a {@link GenerationBackend#sleeper}; stays the caller's
     * @throws IllegalArgumentException if it cannot sleep
     */
    public GenerationBackend add(GenerationBackend model) {
        Place place =
                new Place(
                        model,
                        model.sleeper()
                                .orElseThrow(
                                        () ->
                                                new IllegalArgumentException(
                                                        model.description().name()
                                                                + " cannot give its memory back")));
        mailbox.post(new Event.Added(place));
        return new DemandBackend(this, place);
    }

    void ask(HeldRequest request) {
        mailbox.post(new Event.Asked(request));
    }

    void cancel(HeldRequest request) {
        mailbox.post(new Event.Cancelled(request));
    }

    void hope(Place place, Completion<Void> done) {
        mailbox.post(new Event.Hoped(place, done));
    }

    /** Refuses what waits and what comes; running requests go on. */
    @Override
    public void close() {
        mailbox.post(new Event.Closed());
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Added(var place) -> places.add(place);
            case Event.Asked(var request) -> asked(request, nanos);
            case Event.Hoped(var place, var done) -> hoped(place, done);
            case Event.Cancelled(var request) -> cancelled(request);
            case Event.Late(var request) ->
                    drop(
                            request,
                            problem(
                                    Category.OVERLOADED,
                                    "deadline_exceeded",
                                    "the request waited beyond its deadline for its model"));
            case Event.Ended(var place) -> ended(place, nanos);
            case Event.Idle(var place, var use) -> idle(place, use);
            case Event.Moved(var place, var state, var failure) -> moved(place, state, failure);
            case Event.Closed() -> closeAll();
        }
        settle(nanos);
    }

    private void asked(HeldRequest request, long nanos) {
        if (closed) {
            request.fail(shuttingDown());
        } else if (held == settings.mostHeld()) {
            request.fail(
                    problem(
                            Category.OVERLOADED,
                            "queue_full",
                            "%d requests wait for models that are not loaded; try again later"
                                    .formatted(held)));
        } else {
            held++;
            request.place.held.add(request);
            wanted.add(request.place);
            request.request
                    .deadlineNanos()
                    .ifPresent(
                            deadline ->
                                    request.callAt(
                                            timers.schedule(
                                                    Math.max(nanos, deadline),
                                                    () -> mailbox.post(new Event.Late(request)))));
        }
    }

    private void hoped(Place place, Completion<Void> done) {
        if (closed) {
            done.failed(new RequestRefused(shuttingDown()));
        } else {
            place.hoping.add(done);
            wanted.add(place);
        }
    }

    private void cancelled(HeldRequest request) {
        drop(request, problem(Category.CANCELLED, "cancelled", "the request was cancelled"));
        request.abort();
    }

    private void drop(HeldRequest request, RequestProblem why) {
        if (request.place.held.remove(request)) {
            held--;
            request.fail(why);
            if (!request.place.isWanted()) {
                wanted.remove(request.place);
            }
        }
    }

    private void ended(Place place, long nanos) {
        long use = place.ended(nanos);
        if (use >= 0 && settings.idle().isPositive()) {
            timers.schedule(
                    nanos + settings.idle().toNanos(),
                    () -> mailbox.post(new Event.Idle(place, use)));
        }
    }

    private void idle(Place place, long use) {
        if (place.idleSince(use) && place.state() == State.AWAKE) {
            putToSleep(place);
        }
    }

    private void moved(Place place, State state, Optional<Throwable> failure) {
        boolean coming = state == State.AWAKE;
        place.become(failure.isEmpty() ? state : coming ? State.ASLEEP : State.AWAKE);
        if (coming) {
            wakings.add(
                    1, place.backend.description().name(), failure.isEmpty() ? "awake" : "failed");
        }
        if (failure.isPresent()) {
            // Who made way and could not keeps its memory: nobody else can have it.
            (coming ? List.of(place) : List.copyOf(wanted))
                    .forEach(waiting -> refuse(waiting, unavailable(place, failure.get())));
        }
    }

    private void closeAll() {
        closed = true;
        List.copyOf(wanted).forEach(place -> refuse(place, shuttingDown()));
        mailbox.close();
    }

    private void refuse(Place place, RequestProblem problem) {
        held -= place.held.size();
        List.copyOf(place.held).forEach(request -> request.fail(problem));
        place.held.clear();
        place.hoping.forEach(done -> done.failed(new RequestRefused(problem)));
        place.hoping.clear();
        wanted.remove(place);
    }

    /** Gives memory to those who wait for it, in their order. */
    private void settle(long nanos) {
        int leaving = (int) places.stream().filter(place -> place.state() == State.LEAVING).count();
        int free = settings.mostAwake() - (int) places.stream().filter(Place::hasMemory).count();
        for (Place place : List.copyOf(wanted)) {
            switch (place.state()) {
                case AWAKE -> serve(place, nanos);
                case ASLEEP -> {
                    if (free > 0) {
                        free--;
                        wake(place);
                    } else if (leaving > 0 || makeRoom()) {
                        leaving--;
                    }
                }
                case LEAVING, COMING -> {}
            }
        }
    }

    private void serve(Place place, long nanos) {
        wanted.remove(place);
        held -= place.held.size();
        while (!place.held.isEmpty()) {
            place.begun(nanos);
            place.held.remove().start(() -> mailbox.post(new Event.Ended(place)));
        }
        place.hoping.forEach(done -> done.completed(null));
        place.hoping.clear();
    }

    private void wake(Place place) {
        place.become(State.COMING);
        place.sleeper.wake(telling(place, State.AWAKE));
    }

    /** Says whether somebody leaves. */
    private boolean makeRoom() {
        Optional<Place> leaver =
                places.stream()
                        .filter(place -> place.state() == State.AWAKE && !wanted.contains(place))
                        .min(
                                Comparator.comparing(Place::isBusy)
                                        .thenComparingLong(Place::usedNanos));
        leaver.ifPresent(this::putToSleep);
        return leaver.isPresent();
    }

    private void putToSleep(Place place) {
        place.become(State.LEAVING);
        place.sleeper.sleep(SleepMode.WAIT, telling(place, State.ASLEEP));
    }

    private Completion<Void> telling(Place place, State state) {
        return new Completion<>() {
            @Override
            public void completed(Void nothing) {
                mailbox.post(new Event.Moved(place, state, Optional.empty()));
            }

            @Override
            public void failed(Throwable failure) {
                mailbox.post(new Event.Moved(place, state, Optional.of(failure)));
            }
        };
    }

    private static RequestProblem unavailable(Place place, Throwable why) {
        return problem(
                Category.UNAVAILABLE,
                "model_not_loaded",
                "the model cannot be loaded now: %s: %s"
                        .formatted(place.backend.description().name(), why.getMessage()));
    }

    private static RequestProblem shuttingDown() {
        return problem(Category.UNAVAILABLE, "shutting_down", "the server is shutting down");
    }

    private static RequestProblem problem(Category category, String code, String message) {
        return RequestProblem.of(category, code, message);
    }
}
