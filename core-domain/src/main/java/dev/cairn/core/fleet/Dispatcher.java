package dev.cairn.core.fleet;

import dev.cairn.core.fair.TenantShares;
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
    private static final long OWN_PAUSE_NANOS = 250_000_000;
    private static final double RETRY_SHARE = 0.2;
    private static final int MOST_RETRIES_SAVED = 100;

    private final FleetSettings settings;
    private final Patience patience;
    private final Router router;
    private final Workers workers;
    private final Placement placement;
    private final FleetMeasures measures;
    private final Admission admission;
    private final TenantShares<RoutedRequest> shares;
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

    /** Whether something changed for which those wait who wait for a worker. */
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
        this.patience = new Patience(settings, workers);
        this.measures = measures;
        this.admission = new Admission(settings, placement, patience, this::send, this::fail);
        this.shares = admission.shares();
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
            case FleetEvent.Reported() -> mayAdmit = true;
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
                    admission.postpone(nanos - wakesAt);
                }
                wakesAt = Long.MAX_VALUE;
                mayAdmit = true;
                wakeAt(workers.nextBack(nanos));
            }
            case FleetEvent.Closed() -> close(nanos);
        }
        if (mayAdmit) {
            admission.roomMade();
        }
        if (mayAdmit || workersChanged) {
            mayAdmit = false;
            openWorkers = workers.open(nanos);
            startingWorkers = workers.starting();
            workersChanged = false;
        }
        wakeAt(admission.attend(nanos));
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
        return admission.waiting();
    }

    /** Prompt tokens of those that wait. */
    long waitingTokens() {
        return admission.waitingTokens();
    }

    private void arrive(RoutedRequest request, long nanos) {
        retries.earned();
        if (closed) {
            refuse(request, FleetProblems.shuttingDown());
        } else if (live.putIfAbsent(request.id(), request) != null) {
            refuse(request, FleetProblems.duplicate());
        } else {
            request.tellIn(stories.begin(request, nanos));
            request.belongsTo(shares.enter(request.request().tenant()));
            admission.seek(request, nanos);
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
        admission.roomMade();
    }

    private void wakeAt(long nanos) {
        if (nanos < wakesAt) {
            wakesAt = nanos;
            commands.add(new FleetCommand.WakeAt(nanos));
        }
    }

    private void send(Attempt attempt, long nanos) {
        RoutedRequest request = attempt.request();
        request.story().waitsNoMore(nanos).ifPresent(measures::waited);
        measures.routed(attempt.isSplit());
        attempt.chapter().shadow().ifPresent(measures::shadowed);
        if (request.charge()) {
            shares.admitted(request.account(), attempt.own());
        }
        commands.add(new FleetCommand.Send(attempt, attempt.asks()));
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
            admission.roomMade();
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
        shares.answered(request.account(), news.size());
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
        } else if (patience.hasTriedEnough(request, problem, nanos)) {
            fail(request, problem, nanos);
        } else {
            if (request.hasBegun()) {
                measures.migrated(reason);
                request.lost(nanos);
            } else {
                measures.retried();
            }
            admission.seek(request, nanos);
        }
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
        forget(request, nanos);
        tell(request, new TokenEvent.Ended(request.usage(usage)));
    }

    private void fail(RoutedRequest request, RequestProblem problem, long nanos) {
        request.story().ended(problem.code(), nanos);
        measures.refused(problem.code());
        forget(request, nanos);
        tell(request, new TokenEvent.Failed(problem));
    }

    private void forget(RoutedRequest request, long nanos) {
        request.over();
        request.story().waitsNoMore(nanos).ifPresent(measures::waited);
        admission.forget(request);
        shares.leave(request.account());
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
