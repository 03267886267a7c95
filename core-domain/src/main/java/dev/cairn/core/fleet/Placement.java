package dev.cairn.core.fleet;

import dev.cairn.core.route.Router;
import dev.cairn.core.route.Router.Pick;
import dev.cairn.core.route.Router.Routing;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.request.PrefillPlace;
import java.util.Optional;

/**
 * Finds a request's place: who answers it, and who reads its prompt, both booked.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Placement {

    private final FleetSettings settings;
    private final Router router;
    private final Workers workers;
    private final SplitChoice split;
    private long ordinal;

    Placement(FleetSettings settings, Router router, Workers workers) {
        this.settings = settings;
        this.router = router;
        this.workers = workers;
        this.split = new SplitChoice(settings);
    }

    /**
     * @return the attempt, begun and booked; empty if nobody may be asked now
     */
    Optional<Attempt> place(RoutedRequest request, long nanos) {
        workers.look();
        RouteQuestion question = question(request);
        Optional<Pick> pick =
                router.pick(
                        request.id(),
                        question,
                        number -> answers(number, nanos) && !avoids(request, number),
                        nanos);
        if (pick.isEmpty() && request.hasBegun()) {
            // Better one that failed before than none.
            pick = router.pick(request.id(), question, number -> answers(number, nanos), nanos);
        }
        if (pick.isEmpty()) {
            return Optional.empty();
        }
        Optional<Pick> reader =
                split.pays(request, pick.get())
                        ? router.pick(request.id(), question, number -> reads(number, nanos), nanos)
                        : Optional.empty();
        return Optional.of(begin(request, pick.get(), reader.orElse(null), nanos));
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
                "",
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
        Routing routing = router.book(pick, reader == null ? uncached : 1, nanos);
        Attempt attempt;
        if (reader == null) {
            attempt = new Attempt(request, worker, routing, nanos);
        } else {
            Routing prefill = router.book(reader, prompt - reader.cachedTokens(), nanos);
            Worker who = workers.numbered(reader.worker());
            attempt = new Attempt(request, worker, routing, who, prefill, nanos);
            attempt.readAt(new PrefillPlace(who.id(), who.facts().address()));
        }
        attempt.tellIn(
                request.story()
                        .sent(
                                pick.decision(),
                                reader == null ? null : reader.decision(),
                                uncached,
                                nanos));
        request.at(attempt);
        attempt.begin();
        return attempt;
    }
}
