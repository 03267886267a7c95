package dev.cairn.core.fleet;

import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.route.Bookings;
import dev.cairn.core.route.Router;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Who is there, by name and by the number under which the router knows them.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Workers {

    private final Router router;
    private final Bookings bookings;
    private final Holdings holdings;
    private final Worker[] byNumber;
    private final Map<String, Worker> byName = new LinkedHashMap<>();

    Workers(Router router, Bookings bookings, Holdings holdings, int most) {
        this.router = router;
        this.bookings = bookings;
        this.holdings = holdings;
        this.byNumber = new Worker[most];
    }

    /**
     * @return empty if there is no room for it
     */
    Optional<Worker> join(FleetWorker facts, GenerationBackend backend, long nanos) {
        if (byName.size() == byNumber.length) {
            return Optional.empty();
        }
        int number = router.join(facts.id(), facts.totalBlocks());
        Worker worker = new Worker(facts, backend, number, nanos);
        byNumber[number] = worker;
        byName.put(facts.id(), worker);
        holdings.follow(number, facts);
        return Optional.of(worker);
    }

    /** Once nothing is booked there any more. */
    void leave(Worker worker) {
        byName.remove(worker.id());
        byNumber[worker.number()] = null;
        router.leave(worker.number());
        holdings.leave(worker.number());
    }

    /** A worker says something else of itself. */
    void change(FleetWorker news, long nanos) {
        Worker known = byName.get(news.id());
        if (known != null) {
            boolean tellsElsewhere = !known.facts().events().equals(news.events());
            known.changed(news, nanos);
            if (tellsElsewhere) {
                holdings.follow(known.number(), news);
            }
        }
    }

    /** What workers report of themselves is known to the router, for its next decision. */
    void look() {
        for (Worker worker : byName.values()) {
            router.reported(
                    worker.number(), worker.backend().load(), worker.backend().otherRouters());
            router.tells(worker.number(), holdings.isCurrent(worker.number()));
        }
    }

    /** For people, with the load as it is reckoned now. */
    List<JsonObject> told(long nanos) {
        look();
        return byName.values().stream()
                .map(
                        worker ->
                                WorkerText.of(
                                        worker,
                                        bookings,
                                        holdings.isCurrent(worker.number()),
                                        nanos))
                .toList();
    }

    Optional<Worker> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    Worker numbered(int number) {
        return byNumber[number];
    }

    Collection<Worker> all() {
        return byName.values();
    }

    boolean any(Predicate<Worker> which) {
        for (Worker worker : byName.values()) {
            if (which.test(worker)) {
                return true;
            }
        }
        return false;
    }

    /** How many may get requests. */
    int open(long nanos) {
        int open = 0;
        for (Worker worker : byName.values()) {
            open += worker.facts().answers() && worker.isOpen(nanos) ? 1 : 0;
        }
        return open;
    }

    /** When one that answers last was ready, or about to be. */
    long lastThere(long nanos) {
        long last = Long.MIN_VALUE / 2;
        for (Worker worker : byName.values()) {
            if (worker.facts().answers()) {
                last = Math.max(last, worker.lastThere(nanos));
            }
        }
        return last;
    }

    int starting() {
        int starting = 0;
        for (Worker worker : byName.values()) {
            starting += worker.facts().condition() == Condition.STARTING ? 1 : 0;
        }
        return starting;
    }

    /**
     * When the next of those that are away may be asked again; {@code Long.MAX_VALUE} = none is.
     */
    long nextBack(long nanos) {
        long next = Long.MAX_VALUE;
        for (Worker worker : byName.values()) {
            if (worker.isAway(nanos)) {
                next = Math.min(next, worker.awayUntil());
            }
        }
        return next;
    }
}
