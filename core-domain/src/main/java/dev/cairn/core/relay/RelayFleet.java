package dev.cairn.core.relay;

import dev.cairn.core.fleet.health.Outliers;
import dev.cairn.core.fleet.health.WorkerHealth;
import dev.cairn.ports.relay.RelayDesk.Probe;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The workers of a relay: who is in the list, who is well, what they serve. One thread. */
final class RelayFleet {

    /** Every so many probes a worker is asked for its models again. */
    private static final int MODELS_EVERY = 15;

    private final RelayOptions options;
    private final Outliers outliers = new Outliers();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private List<Slot> slots = List.of();
    private Map<RemoteWorker, Slot> byWorker = Map.of();

    RelayFleet(RelayOptions options) {
        this.options = options;
        for (int number = 0; number < options.mostWorkers(); number++) {
            free.add(number);
        }
    }

    /** Those that are in the list. */
    List<Slot> slots() {
        return slots;
    }

    /**
     * From now on these; whom there is no number for is left out.
     *
     * @param left hears who is not in the list any more, before its number may be another's
     * @return the new ones
     */
    List<Slot> set(List<RemoteWorker> workers, long nanos, Consumer<Slot> left) {
        Map<RemoteWorker, Slot> next = new LinkedHashMap<>();
        List<Slot> added = new ArrayList<>();
        for (RemoteWorker worker : workers) {
            Slot known = byWorker.get(worker);
            if (known != null) {
                next.put(worker, known);
            } else if (!free.isEmpty() && !next.containsKey(worker)) {
                var health = new WorkerHealth(options.health(), nanos);
                added.add(new Slot(free.remove(), worker, health));
                next.put(worker, added.getLast());
            }
        }
        for (Slot slot : slots) {
            if (!next.containsKey(slot.worker)) {
                slot.isRetired = true;
                left.accept(slot);
                reuse(slot);
            }
        }
        byWorker = new HashMap<>(next);
        slots = List.copyOf(next.values());
        return added;
    }

    /** The slot of a worker that is in the list. */
    Slot slot(RemoteWorker worker) {
        return byWorker.get(worker);
    }

    /** A call at this slot is over. */
    void released(Slot slot) {
        slot.open--;
        reuse(slot);
    }

    /** A number is given away only when nothing is booked under it. */
    private void reuse(Slot slot) {
        if (slot.isRetired && slot.open == 0) {
            free.add(slot.number);
        }
    }

    List<Probe> probesDue(long nanos) {
        List<Probe> due = List.of();
        List<Outliers.Judged> judged = new ArrayList<>(slots.size());
        for (Slot slot : slots) {
            judged.add(new Outliers.Judged(slot.health, slot.record));
            if (slot.health.probeDue(nanos)) {
                due = due.isEmpty() ? new ArrayList<>() : due;
                due.add(new Probe(slot.worker, slot.wantsModels(MODELS_EVERY)));
            }
        }
        outliers.judge(judged, nanos);
        return due;
    }

    boolean hasProbedAll() {
        return slots.stream().allMatch(Slot::wasProbed);
    }

    /** Whether anybody, well or not, serves it. */
    boolean knows(String model) {
        for (Slot slot : slots) {
            if (slot.names(model) || slot.servesAny()) {
                return true;
            }
        }
        return model.isEmpty();
    }

    /** Models of all workers, each once. */
    List<JsonObject> models() {
        Map<String, JsonObject> models = new LinkedHashMap<>();
        for (Slot slot : slots) {
            for (JsonObject entry : slot.modelEntries()) {
                if (entry.member("id") instanceof JsonString(var id)) {
                    models.putIfAbsent(id, entry);
                }
            }
        }
        return List.copyOf(models.values());
    }
}
