package dev.cairn.core.demand;

import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.Timers;
import java.util.Optional;

/** A model that has its memory when somebody asks for it. Threads: any, as the port says. */
final class DemandBackend implements GenerationBackend {

    private final DemandDesk desk;
    private final Place place;

    DemandBackend(DemandDesk desk, Place place) {
        this.desk = desk;
        this.place = place;
    }

    @Override
    public BackendDescription description() {
        return place.backend.description();
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        HeldRequest held = new HeldRequest(place, request, events);
        desk.ask(held);
        return () -> desk.cancel(held);
    }

    @Override
    public LoadReport load() {
        return place.backend.load();
    }

    /** Asleep or not, a request would be served. */
    @Override
    public Optional<String> unreadyBecause() {
        return place.sleeper.isAsleep() ? Optional.empty() : place.backend.unreadyBecause();
    }

    @Override
    public void explain(String request, Completion<Optional<JsonObject>> done) {
        place.backend.explain(request, done);
    }

    /** Waking waits for its turn, like a request. */
    @Override
    public Optional<Sleeper> sleeper() {
        return Optional.of(
                new Sleeper() {
                    @Override
                    public void sleep(SleepMode mode, Completion<Void> done) {
                        place.sleeper.sleep(mode, done);
                    }

                    @Override
                    public void wake(Completion<Void> done) {
                        desk.hope(place, done);
                    }

                    @Override
                    public boolean isAsleep() {
                        return place.sleeper.isAsleep();
                    }
                });
    }

    @Override
    public Optional<CacheControl> cache() {
        return place.backend.cache();
    }

    /** The model stays its owner's. */
    @Override
    public void close() {}
}
