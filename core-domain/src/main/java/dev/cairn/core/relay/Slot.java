package dev.cairn.core.relay;

import dev.cairn.core.fleet.health.Outliers;
import dev.cairn.core.fleet.health.WorkerHealth;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One worker, its number in tables, and what is known of it. One thread. */
final class Slot {

    final int number;
    final RemoteWorker worker;
    final WorkerHealth health;
    final Outliers.Record record = new Outliers.Record();

    /** What policies see of it while it holds nothing of a prompt; made anew when its load is. */
    Candidate idle;

    /** Calls that are booked here. */
    int open;

    /** No longer in the list; it may still be answering. */
    boolean isRetired;

    private Optional<Set<String>> models = Optional.empty();
    private List<JsonObject> modelEntries = List.of();
    private Set<String> adapters = Set.of();
    private boolean wasAsked;
    private int probesSinceAsked;

    Slot(int number, RemoteWorker worker, WorkerHealth health) {
        this.number = number;
        this.worker = worker;
        this.health = health;
    }

    boolean decodes() {
        return worker.role() != Role.PREFILL;
    }

    boolean prefills() {
        return worker.role() == Role.PREFILL;
    }

    /** Whether it was looked at, whatever came of it. */
    boolean wasProbed() {
        return health.presence() != WorkerHealth.Presence.UNKNOWN;
    }

    /** Whether it has ever said what it serves, or that it does not say. */
    boolean wasHeard() {
        return wasAsked;
    }

    /** An engine that does not tell its models is believed to serve any. */
    boolean serves(String model) {
        return model.isEmpty() || models.isEmpty() || models.get().contains(model);
    }

    boolean names(String model) {
        return models.isPresent() && models.get().contains(model);
    }

    /** Whether the name is that of a LoRA adapter over another model, as vLLM's lists say. */
    boolean isAdapter(String model) {
        return adapters.contains(model);
    }

    boolean servesAny() {
        return wasAsked && models.isEmpty();
    }

    List<JsonObject> modelEntries() {
        return modelEntries;
    }

    /** Models change rarely: they are asked for when a worker comes, and now and then. */
    boolean wantsModels(int every) {
        if (!wasAsked || !health.presence().equals(WorkerHealth.Presence.HERE)) {
            return true;
        }
        probesSinceAsked++;
        return probesSinceAsked >= every;
    }

    void tells(Optional<List<JsonObject>> entries) {
        wasAsked = true;
        probesSinceAsked = 0;
        modelEntries = entries.orElse(List.of());
        adapters = adapters(modelEntries);
        models =
                entries.map(
                        list -> {
                            Set<String> names = new HashSet<>();
                            for (JsonObject entry : list) {
                                if (entry.member("id") instanceof JsonString(var id)) {
                                    names.add(id);
                                }
                            }
                            return names;
                        });
    }

    private static Set<String> adapters(List<JsonObject> entries) {
        Set<String> names = new HashSet<>();
        for (JsonObject entry : entries) {
            if (entry.member("parent") instanceof JsonString
                    && entry.member("id") instanceof JsonString(var id)) {
                names.add(id);
            }
        }
        return names;
    }
}
