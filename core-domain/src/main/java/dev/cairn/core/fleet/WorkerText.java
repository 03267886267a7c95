package dev.cairn.core.fleet;

import dev.cairn.core.route.Bookings;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Locale;

/** How a worker is, for people. */
final class WorkerText {

    private WorkerText() {}

    static JsonObject of(Worker worker, Bookings bookings, boolean tellsHoldings, long nanos) {
        FleetWorker facts = worker.facts();
        return JsonObject.builder()
                .put("worker", facts.id())
                .put("address", facts.address())
                .put("role", facts.role().name().toLowerCase(Locale.ROOT))
                .put("state", worker.state(nanos))
                .put("kv_events", tellsHoldings)
                .put("load", load(bookings.load(worker.number())))
                .put("booked_here", load(bookings.own(worker.number())))
                .put("booked_elsewhere", load(bookings.elsewhere(worker.number())))
                .put("reported", load(worker.backend().load()))
                .build();
    }

    private static JsonObject load(LoadReport load) {
        return JsonObject.builder()
                .put("running", load.running())
                .put("waiting", load.waiting())
                .put("used_blocks", load.usedBlocks())
                .put("total_blocks", load.totalBlocks())
                .put("waiting_prefill_tokens", load.waitingPrefillTokens())
                .build();
    }
}
