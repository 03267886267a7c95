package dev.cairn.core.fleet;

import dev.cairn.core.fleet.SplitChoice.Forecast;
import dev.cairn.core.route.Bookings;
import dev.cairn.core.route.Pick;
import dev.cairn.core.route.Router;
import dev.cairn.core.route.Router.Routing;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.request.PrefillPlace;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntPredicate;

/**
 * Finds a request's place: who answers it, and who reads its prompt, both booked. A request that
 * would begin after its deadline wherever it went is told so at once; where all have enough to do
 * that comes before it, it has no place yet.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Placement {

    /** By which a prompt changes what is reckoned of the next. */
    private static final double NEWS = 1 / 32.0;

    private final String name;
    private final FleetSettings settings;
    private final Router router;
    private final Bookings bookings;
    private final Workers workers;
    private final SplitChoice split;
    private long ordinal;

    /** The share of prompts that workers have to compute, as far as is known when they are sent. */
    private double uncachedShare = 1;

    /**
     * @param name by which workers tell this router's bookings from others'
     */
    Placement(
            String name,
            FleetSettings settings,
            Router router,
            Bookings bookings,
            Workers workers) {
        this.name = name;
        this.settings = settings;
        this.router = router;
        this.bookings = bookings;
        this.workers = workers;
        this.split = new SplitChoice(settings);
    }

    /** Finds it now. */
    Place place(RoutedRequest request, long nanos) {
        workers.look();
        if (areBusy(request, nanos)) {
            return new Place.Busy();
        }
        RouteQuestion question = question(request);
        IntPredicate mayAnswer = number -> answers(number, nanos) && !avoids(request, number);
        Optional<Pick> pick = router.pick(request.id(), question, mayAnswer, nanos);
        if (pick.isEmpty() && request.mayComeBack()) {
            // Better one that failed before than none.
            pick = router.pick(request.id(), question, number -> answers(number, nanos), nanos);
        }
        if (pick.isEmpty()) {
            return new Place.Nowhere();
        }
        long late = lateness(request, pick.get(), nanos);
        if (late > 0) {
            pick =
                    router.pick(
                            request.id(),
                            question,
                            number -> mayAnswer.test(number) && isInTime(request, number, nanos),
                            nanos);
            if (pick.isEmpty()) {
                return new Place.TooLate(late);
            }
        }
        return new Place.At(divide(request, question, pick.get(), nanos));
    }

    /** An answer that has begun goes on wherever somebody is. */
    private boolean areBusy(RoutedRequest request, long nanos) {
        if (request.hasBegun()) {
            return false;
        }
        boolean isBusy = false;
        for (Worker worker : workers.all()) {
            if (mayTake(worker, request, nanos)) {
                if (!isBusy(worker, request)) {
                    return false;
                }
                isBusy = true;
            }
        }
        return isBusy;
    }

    private static boolean mayTake(Worker worker, RoutedRequest request, long nanos) {
        return worker.facts().answers() && worker.isOpen(nanos) && !request.avoids(worker);
    }

    private boolean isBusy(Worker worker, RoutedRequest request) {
        LoadReport load = bookings.load(worker.number());
        int priority = request.request().priority();
        WorkerLimits most = settings.perWorker();
        return worker.waiting().requestsUpTo(priority, load.waiting()) >= most.requests()
                || worker.waiting().tokensUpTo(priority, load.waitingPrefillTokens())
                        >= most.tokens();
    }

    /**
     * By how much one that waits here would begin after its deadline; 0 = it would not.
     *
     * @param before prompt tokens that are sent before it, to any worker
     */
    long lateness(RoutedRequest request, long before, long nanos) {
        OptionalLong deadline = request.request().deadlineNanos();
        if (deadline.isEmpty() || request.hasBegun()) {
            return 0;
        }
        long open = workers.all().stream().filter(each -> mayTake(each, request, nanos)).count();
        long soonest = Long.MAX_VALUE;
        for (Worker worker : workers.all()) {
            if (mayTake(worker, request, nanos)) {
                int own = (int) (uncachedShare * request.request().prompt().length);
                long work = (long) (uncachedShare * before / open) + work(request, worker, own);
                soonest = Math.min(soonest, worker.pace().expected(work));
            }
        }
        return open == 0 ? 0 : Math.max(0, nanos + soonest - deadline.getAsLong());
    }

    /** Who answers it is found; who reads its prompt is decided here. */
    private Attempt divide(RoutedRequest request, RouteQuestion question, Pick pick, long nanos) {
        boolean isLong = split.mayPay(request, pick);
        Optional<Pick> reader =
                isLong
                        ? router.pick(request.id(), question, number -> reads(number, nanos), nanos)
                        : Optional.empty();
        Optional<Forecast> forecast = reader.map(there -> forecast(request, pick, there));
        boolean splits = forecast.filter(Forecast::splits).isPresent();
        Attempt attempt = begin(request, pick, splits ? reader.get() : null, nanos);
        forecast.ifPresent(attempt.chapter()::divided);
        if (isLong) {
            attempt.longPrompt();
        }
        return attempt;
    }

    private Forecast forecast(RoutedRequest request, Pick pick, Pick reader) {
        int prompt = request.request().prompt().length;
        return split.forecast(
                workers.numbered(pick.worker()),
                work(request, workers.numbered(pick.worker()), prompt - pick.cachedTokens()),
                workers.numbered(reader.worker()),
                readerWork(reader, prompt));
    }

    private long readerWork(Pick reader, int prompt) {
        return bookings.load(reader.worker()).waitingPrefillTokens()
                + prompt
                - reader.cachedTokens();
    }

    /** By how much it would begin after its deadline there; 0 = it would not. */
    private long lateness(RoutedRequest request, Pick pick, long nanos) {
        int prompt = request.request().prompt().length;
        return lateness(request, pick.worker(), prompt - pick.cachedTokens(), nanos);
    }

    private boolean isInTime(RoutedRequest request, int number, long nanos) {
        return lateness(request, number, request.request().prompt().length, nanos) == 0;
    }

    private long lateness(RoutedRequest request, int number, int uncached, long nanos) {
        OptionalLong deadline = request.request().deadlineNanos();
        if (deadline.isEmpty() || request.hasBegun()) {
            return 0;
        }
        Worker worker = workers.numbered(number);
        long expected = worker.pace().expected(work(request, worker, uncached));
        return Math.max(0, nanos + expected - deadline.getAsLong());
    }

    /** Prompt tokens to compute there until such a prompt is read. */
    private long work(RoutedRequest request, Worker worker, int uncached) {
        return worker.waiting()
                .until(
                        request,
                        uncached,
                        bookings.load(worker.number()).waitingPrefillTokens(),
                        settings.tenantWeights());
    }

    private boolean answers(int number, long nanos) {
        Worker worker = workers.numbered(number);
        return worker.facts().answers() && worker.isOpen(nanos);
    }

    private boolean reads(int number, long nanos) {
        Worker worker = workers.numbered(number);
        return worker.facts().role() == Role.PREFILL && worker.isOpen(nanos);
    }

    private boolean avoids(RoutedRequest request, int number) {
        return request.avoids(workers.numbered(number));
    }

    private RouteQuestion question(RoutedRequest request) {
        return new RouteQuestion(
                request.request().model(),
                request.request().prompt().length,
                settings.blockTokens(),
                request.hashes(),
                request.session(),
                ordinal++,
                request.noise());
    }

    /**
     * @param reader of the prompt; null = who answers
     */
    private Attempt begin(RoutedRequest request, Pick pick, Pick reader, long nanos) {
        int prompt = request.request().prompt().length;
        int uncached = prompt - pick.cachedTokens();
        Worker worker = workers.numbered(pick.worker());
        long work = work(request, worker, uncached);
        uncachedShare += NEWS * (uncached / (double) Math.max(1, prompt) - uncachedShare);
        Routing routing = router.book(pick, reader == null ? uncached : 1, nanos);
        Attempt attempt;
        if (reader == null) {
            attempt = new Attempt(request, worker, routing, work, uncached, nanos);
        } else {
            long readerWork = readerWork(reader, prompt);
            Routing prefill = router.book(reader, prompt - reader.cachedTokens(), nanos);
            Worker who = workers.numbered(reader.worker());
            attempt = new Attempt(request, worker, routing, who, prefill, work, 1, nanos);
            attempt.readAt(new PrefillPlace(who.id(), who.facts().address()), readerWork);
        }
        attempt.booked(name);
        attempt.tellIn(
                request.story()
                        .sent(
                                pick.decision(),
                                reader == null ? null : reader.decision(),
                                new Story.Expected(
                                        uncached,
                                        work,
                                        reader == null ? worker.pace().mean(work) : 0),
                                nanos));
        request.at(attempt);
        attempt.begin();
        return attempt;
    }
}
