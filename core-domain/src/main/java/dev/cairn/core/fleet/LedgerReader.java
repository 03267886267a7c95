package dev.cairn.core.fleet;

import dev.cairn.core.route.Ledger;
import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.system.Timers;

/**
 * Reads prompts for others and keeps a ledger of what routers booked for that. Threads: as the
 * reader's.
 *
 * @param reader that does the work
 */
public record LedgerReader(PromptReader reader, Ledger ledger) implements PromptReader {

    @Override
    public Timers.Cancellation read(GenerationRequest request, PromptListener events) {
        Ledger.Entry entry = ledger.enter(request.booked(), request.booked().readerTokens());
        Timers.Cancellation reading =
                reader.read(
                        request,
                        event -> {
                            switch (event) {
                                case Offered _, Ready _ -> {}
                                case AllReady _, Lost _ -> entry.end();
                            }
                            events.on(event);
                        });
        return () -> {
            entry.end();
            reading.cancel();
        };
    }
}
