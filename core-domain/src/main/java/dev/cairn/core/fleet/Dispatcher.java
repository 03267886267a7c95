package dev.cairn.core.fleet;

import dev.cairn.core.fleet.health.Budget;
import dev.cairn.core.route.Bookings;
import dev.cairn.core.route.Router;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends requests to workers and sees to it that each is answered once: what a worker could not do
 * another one does, with what was told so far. One mailbox owns it; it never waits and never looks
 * at a clock.
 *
 * <p>Every way on which a request leaves a worker goes through {@link Attempt#end}, which gives
 * back what was booked.
 */
final class Dispatcher {

    private static final System.Logger LOG = System.getLogger(Dispatcher.class.getName());
    private static final Usage UNKNOWN = new Usage(0, 0, 0, 0);
    private static final long FIRST_PAUSE_NANOS = 50_000_000;
    private static final int MOST_DOUBLINGS = 4;
    private static final long OWN_PAUSE_NANOS = 250_000_000;
    private static final double RETRY_SHARE = 0.2;
    private static final int MOST_RETRIES_SAVED = 100;

    private final FleetSettings settings;
    private final Router router;
    private final Workers workers;
    private final Placement placement;
    private final FleetMeasures measures;
    private final WaitingRoom room;
    private final Stories stories;

    /**
     * Of tries before the first token. Requests whose worker was lost after it do not count, for
     * its load is lost with it.
     */
    private final Budget retries = new Budget(RETRY_SHARE, MOST_RETRIES_SAVED);

    private final Map<String, RoutedRequest> live = new LinkedHashMap<>();
    private final List<FleetCommand> commands = new ArrayList<>();
    private long wakesAt = Long.MAX_VALUE;
    private int openWorkers;
    private int startingWorkers;
    private boolean workersChanged;
    private boolean closed;

    /** Whether something changed for which those wait who wait. */
    private boolean mayAdmit;

    /**
     * @param name of the router, unlike any other's
     */
    Dispatcher(
            String name,
            FleetSettings settings,
            Router router,
            Bookings bookings,
            Holdings holdings,
            FleetMeasures measures) {
        this.settings = settings;
        this.router = router;
        this.workers = new Workers(router, bookings, holdings, settings.mostWorkers());
        this.placement = new Placement(name, settings, router, bookings, workers);
        this.measures = measures;
        this.room = new WaitingRoom(settings.mostWaiting());
        this.stories = new Stories(settings.records());
    }

    /**
     * One turn.
     *
     * @return what to do, in order; good until the next turn
     */
    List<FleetCommand> on(FleetEvent event, long nanos) {
        commands.clear();
        router.beginTurn(nanos);
        switch (event) {
            case FleetEvent.Arrived(var request) -> arrive(request, nanos);
            case FleetEvent.Aborted(var request) -> abort(request, nanos);
            case FleetEvent.Heard(var attempt, var told) -> hear(attempt, told, nanos);
            case FleetEvent.Joined(var worker, var backend) -> join(worker, backend, nanos);
            case FleetEvent.Changed(var worker) -> {
                workers.change(worker, nanos);
                mayAdmit = true;
            }
            case FleetEvent.Left(var worker) ->
                    workers.named(worker).ifPresent(known -> leave(known, nanos));
            case FleetEvent.Asked(var request, var done) ->
                    commands.add(new FleetCommand.Answer(done, stories.of(request)));
            case FleetEvent.Surveyed(var done) ->
                    commands.add(new FleetCommand.TellWorkers(done, workers.told(nanos)));
            case FleetEvent.PolicyChanged(var change) -> {
                if (change.acts()) {
                    router.decideBy(change.policy().orElseThrow());
                } else {
                    router.shadowBy(change.policy().orElse(null));
                }
            }
            case FleetEvent.Due() -> {
                if (nanos - wakesAt > OWN_PAUSE_NANOS) {
                    // This process stood still, which is nobody else's fault.
                    room.postpone(nanos - wakesAt);
                }
                wakesAt = Long.MAX_VALUE;
                mayAdmit = true;
                wakeAt(workers.nextBack(nanos));
            }
            case FleetEvent.Closed() -> close(nanos);
        }
        if (mayAdmit || workersChanged) {
            openWorkers = workers.open(nanos);
            startingWorkers = workers.starting();
            workersChanged = false;
        }
        if (room.isEmpty()) {
            mayAdmit = false;
        } else {
            attend(nanos);
        }
        return commands;
    }

    /** Workers that a request could be sent to. */
    int openWorkers() {
        return openWorkers;
    }

    /** Workers that load their models. */
    int startingWorkers() {
        return startingWorkers;
    }

    int waiting() {
        return room.size();
    }

    private void arrive(RoutedRequest request, long nanos) {
        retries.earned();
        if (closed) {
            refuse(request, FleetProblems.shuttingDown());
        } else if (live.putIfAbsent(request.id(), request) != null) {
            refuse(request, FleetProblems.duplicate());
        } else {
            request.tellIn(stories.begin(request, nanos));
            dispatch(request, nanos);
        }
    }

    /** Of a request that never was among the living. */
    private void refuse(RoutedRequest request, RequestProblem problem) {
        request.over();
        measures.refused(problem.code());
        commands.add(new FleetCommand.Tell(request, new TokenEvent.Failed(problem)));
    }

    private void abort(RoutedRequest request, long nanos) {
        if (!request.isOver()) {
            withdraw(request);
            fail(request, FleetProblems.cancelled(), nanos);
        }
    }

    /** Its worker, if it has one, need not go on. */
    private void withdraw(RoutedRequest request) {
        Attempt attempt = request.attempt();
        if (attempt != null) {
            commands.add(new FleetCommand.Abort(attempt));
            release(attempt, "aborted");
        }
    }

    private void release(Attempt attempt, String how) {
        attempt.end();
        attempt.chapter().ended(how);
        attempt.request().at(null);
    }

    private void dispatch(RoutedRequest request, long nanos) {
        if (send(request, nanos)) {
            return;
        }
        if (!mayWait(request, nanos)) {
            RequestProblem last = request.problem();
            fail(request, last == null ? FleetProblems.nobodyReady() : last, nanos);
        } else if (!room.hasRoomFor(request)) {
            fail(request, FleetProblems.roomFull(), nanos);
        } else {
            long pause =
                    request.tries() == 0
                            ? 0
                            : FIRST_PAUSE_NANOS << Math.min(request.tries() - 1, MOST_DOUBLINGS);
            await(request, nanos + pause, nanos);
            wakeFor(request, nanos);
        }
    }

    private void await(RoutedRequest request, long from, long nanos) {
        long longest = settings.longestWaitNanos();
        long patience = request.patienceEnds(longest);
        if (patience <= nanos) {
            patience = workers.lastThere(nanos) + longest;
        }
        request.waits(from, Math.min(patience, request.begunBy()));
        room.add(request);
    }

    /** Those who have heard of an answer wait for the rest of it, however late it gets. */
    private static boolean isTooLate(RoutedRequest request, long nanos) {
        return request.begunBy() <= nanos;
    }

    /**
     * Whether somebody is expected who could take it: soon, or, if he was lost while it was here,
     * as long as requests wait.
     */
    private boolean mayWait(RoutedRequest request, long nanos) {
        return request.hasBegun()
                || workers.any(
                        worker -> worker.facts().answers() && isComing(worker, request, nanos));
    }

    private boolean isComing(Worker worker, RoutedRequest request, long nanos) {
        boolean sawItGo = request.isPatient() && worker.awaySince() >= request.sinceNanos();
        return worker.isComing(
                nanos, sawItGo ? settings.longestWaitNanos() : settings.graceNanos());
    }

    /** Those that wait are refused when their time is over, and tried when something changed. */
    private void attend(long nanos) {
        for (RoutedRequest late : room.takeLate(nanos)) {
            if (isTooLate(late, nanos) || !late.isPatient() || hasWaitedEnough(late, nanos)) {
                fail(late, lateness(late, nanos), nanos);
            } else {
                await(late, late.notBefore(), nanos);
            }
        }
        if (mayAdmit) {
            mayAdmit = false;
            for (RoutedRequest request : room.inOrder()) {
                if (request.notBefore() <= nanos && send(request, nanos)) {
                    room.remove(request);
                }
            }
        }
        wakeAt(room.nextDue(nanos));
    }

    private void wakeFor(RoutedRequest request, long nanos) {
        wakeAt(Math.min(request.waitsUntil(), Math.max(request.notBefore(), nanos)));
    }

    private void wakeAt(long nanos) {
        if (nanos < wakesAt) {
            wakesAt = nanos;
            commands.add(new FleetCommand.WakeAt(nanos));
        }
    }

    private static RequestProblem lateness(RoutedRequest request, long nanos) {
        if (isTooLate(request, nanos)) {
            return FleetProblems.late();
        }
        return request.problem() == null ? FleetProblems.nobodyReady() : request.problem();
    }

    /** Returns whether nothing more is to be done: somebody was asked, or it is refused. */
    private boolean send(RoutedRequest request, long nanos) {
        return switch (placement.place(request, nanos)) {
            case Place.At(var attempt) -> {
                measures.routed(attempt.isSplit());
                attempt.chapter().shadow().ifPresent(measures::shadowed);
                commands.add(new FleetCommand.Send(attempt, attempt.asks()));
                yield true;
            }
            case Place.TooLate(long by) -> {
                fail(request, FleetProblems.unreachable(by), nanos);
                yield true;
            }
            case Place.Nowhere() -> false;
        };
    }

    private void hear(Attempt attempt, TokenEvent event, long nanos) {
        if (attempt.isOver()) {
            return;
        }
        RoutedRequest request = attempt.request();
        switch (event) {
            case TokenEvent.PromptDone(var cached, var _) -> {
                read(attempt, cached, nanos);
                if (request.promptTold(cached)) {
                    tell(request, event);
                }
            }
            case TokenEvent.Tokens(var choice, var tokens) ->
                    tokens(attempt, choice, tokens, nanos);
            case TokenEvent.ChoiceEnded end -> {
                if (request.choiceEnded(end.choice())) {
                    tell(request, end);
                }
            }
            case TokenEvent.Ended(var usage) -> {
                release(attempt, "answered");
                end(request, usage, nanos);
            }
            case TokenEvent.Failed(var problem) -> failedAt(attempt, problem, nanos);
            case TokenEvent.Interrupted(var reason, var atWork) -> {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "{0}: request {1} was interrupted: {2}",
                        attempt.worker().id(),
                        request.id(),
                        reason);
                away(attempt.worker(), nanos);
                release(attempt, "interrupted: " + reason);
                request.lost(nanos);
                if (atWork) {
                    request.broke();
                }
                goElsewhere(attempt, "interrupted", FleetProblems.lost(), nanos);
            }
        }
    }

    private void read(Attempt attempt, int cached, long nanos) {
        if (attempt.read(nanos)) {
            attempt.chapter().read(cached, nanos);
            attempt.worker().answered();
            workersChanged = true;
        }
    }

    /** It is left alone for a while. */
    private void away(Worker worker, long nanos) {
        worker.failed(nanos);
        workersChanged = true;
        wakeAt(worker.awayUntil());
    }

    private void tokens(Attempt attempt, int choice, List<GeneratedToken> tokens, long nanos) {
        RoutedRequest request = attempt.request();
        read(attempt, -1, nanos);
        attempt.chapter().generated(nanos);
        int known = attempt.repeats(choice, tokens.size());
        if (known == tokens.size() || request.hasEnded(choice)) {
            return;
        }
        if (request.goesOn()) {
            measures.wentOn(nanos - request.lastToldNanos());
        }
        List<GeneratedToken> news = known == 0 ? tokens : tokens.subList(known, tokens.size());
        request.told(choice, news, nanos);
        tell(request, new TokenEvent.Tokens(choice, news));
    }

    private void failedAt(Attempt attempt, RequestProblem problem, long nanos) {
        release(attempt, "failed: " + problem.code());
        if (!FleetProblems.isOfWorker(problem)) {
            fail(attempt.request(), problem, nanos);
            return;
        }
        if (problem.category() == Category.UNAVAILABLE) {
            away(attempt.worker(), nanos);
        }
        boolean mayRetry = attempt.request().hasBegun() || retries.spent();
        if (mayRetry) {
            goElsewhere(attempt, "failed", problem, nanos);
        } else {
            fail(attempt.request(), problem, nanos);
        }
    }

    /** Its worker does not go on with it. */
    private void goElsewhere(Attempt attempt, String reason, RequestProblem problem, long nanos) {
        RoutedRequest request = attempt.request();
        request.failedAt(attempt.worker().id(), problem);
        if (request.isComplete()) {
            end(request, UNKNOWN, nanos);
        } else if (hasTriedEnough(request, problem, nanos)) {
            fail(request, problem, nanos);
        } else {
            if (request.hasBegun()) {
                measures.migrated(reason);
                request.lost(nanos);
            } else {
                measures.retried();
            }
            dispatch(request, nanos);
        }
    }

    /**
     * Who lost a worker, or has begun, waits for one as long as any is expected, if it is not the
     * request that fails them.
     */
    private boolean hasTriedEnough(RoutedRequest request, RequestProblem problem, long nanos) {
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

    private void join(FleetWorker facts, GenerationBackend backend, long nanos) {
        if (closed || workers.named(facts.id()).isPresent()) {
            commands.add(new FleetCommand.Close(backend));
        } else if (workers.join(facts, backend, nanos).isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} is not asked: there is room for {1} workers",
                    facts.id(),
                    settings.mostWorkers());
            commands.add(new FleetCommand.Close(backend));
        }
        mayAdmit = true;
    }

    private void leave(Worker worker, long nanos) {
        List<Attempt> interrupted = worker.attempts();
        for (Attempt attempt : interrupted) {
            commands.add(new FleetCommand.Abort(attempt));
            release(attempt, "interrupted: the worker left");
        }
        // Those whose prompts it reads are told by their own workers, which go on without it.
        worker.reads().forEach(Attempt::leaveReader);
        workers.leave(worker);
        commands.add(new FleetCommand.Close(worker.backend()));
        for (Attempt attempt : interrupted) {
            attempt.request().lost(nanos);
            goElsewhere(attempt, "left", FleetProblems.lost(), nanos);
        }
        mayAdmit = true;
    }

    private void end(RoutedRequest request, Usage usage, long nanos) {
        request.story().ended("answered", nanos);
        forget(request);
        tell(request, new TokenEvent.Ended(request.usage(usage)));
    }

    private void fail(RoutedRequest request, RequestProblem problem, long nanos) {
        request.story().ended(problem.code(), nanos);
        measures.refused(problem.code());
        forget(request);
        tell(request, new TokenEvent.Failed(problem));
    }

    private void forget(RoutedRequest request) {
        request.over();
        room.remove(request);
        live.remove(request.id());
    }

    private void tell(RoutedRequest request, TokenEvent event) {
        commands.add(new FleetCommand.Tell(request, event));
    }

    private void close(long nanos) {
        closed = true;
        for (RoutedRequest request : List.copyOf(live.values())) {
            withdraw(request);
            fail(request, FleetProblems.shuttingDown(), nanos);
        }
        workers.all().forEach(worker -> commands.add(new FleetCommand.Close(worker.backend())));
    }
}
