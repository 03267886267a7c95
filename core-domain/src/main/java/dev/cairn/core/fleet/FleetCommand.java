package dev.cairn.core.fleet;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;

/** What a router wants done, in order. */
sealed interface FleetCommand {

    record Send(Attempt attempt, GenerationRequest request) implements FleetCommand {}

    record Abort(Attempt attempt) implements FleetCommand {}

    record Tell(RoutedRequest request, TokenEvent event) implements FleetCommand {}

    record Answer(Completion<Optional<JsonObject>> done, Optional<JsonObject> story)
            implements FleetCommand {}

    record TellWorkers(Completion<List<JsonObject>> done, List<JsonObject> workers)
            implements FleetCommand {}

    /** Instead of any time that was asked for before. */
    record WakeAt(long nanos) implements FleetCommand {}

    record Close(GenerationBackend backend) implements FleetCommand {}
}
