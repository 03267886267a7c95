package dev.cairn.core.fleet;

import dev.cairn.core.route.Ledger;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.Timers;
import java.util.Optional;

/**
 * A worker's backend that keeps a ledger of what routers booked. Threads: as the backend's.
 *
 * @param worker that does the work
 */
public record LedgerBackend(GenerationBackend worker, Ledger ledger) implements GenerationBackend {

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        Ledger.Entry entry = ledger.enter(request.booked(), request.booked().tokens());
        return worker.generate(
                request,
                event -> {
                    switch (event) {
                        case TokenEvent.PromptDone _, TokenEvent.Tokens _ -> entry.read();
                        case TokenEvent.ChoiceEnded _ -> {}
                        case TokenEvent.Ended _, TokenEvent.Failed _, TokenEvent.Interrupted _ ->
                                entry.end();
                    }
                    events.on(event);
                });
    }

    @Override
    public BackendDescription description() {
        return worker.description();
    }

    @Override
    public LoadReport load() {
        return worker.load();
    }

    @Override
    public Optional<String> unreadyBecause() {
        return worker.unreadyBecause();
    }

    @Override
    public void explain(String request, Completion<Optional<JsonObject>> done) {
        worker.explain(request, done);
    }

    @Override
    public Optional<Sleeper> sleeper() {
        return worker.sleeper();
    }

    @Override
    public Optional<CacheControl> cache() {
        return worker.cache();
    }

    @Override
    public void close() {
        worker.close();
    }
}
