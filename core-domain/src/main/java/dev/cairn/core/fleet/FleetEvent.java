package dev.cairn.core.fleet;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;

/** What happens to a router. */
sealed interface FleetEvent {

    record Arrived(RoutedRequest request) implements FleetEvent {}

    /** The client wants no more of it. */
    record Aborted(RoutedRequest request) implements FleetEvent {}

    /** A worker said something. */
    record Heard(Attempt attempt, TokenEvent event) implements FleetEvent {}

    record Joined(FleetWorker worker, GenerationBackend backend) implements FleetEvent {}

    record Changed(FleetWorker worker) implements FleetEvent {}

    /** A worker said something of its load. */
    record Reported() implements FleetEvent {}

    /** It left, or is believed dead. */
    record Left(String worker) implements FleetEvent {}

    /** A time has come that was asked for. */
    record Due() implements FleetEvent {}

    /** Somebody wants to know why. */
    record Asked(String request, Completion<Optional<JsonObject>> done) implements FleetEvent {}

    /** Somebody wants to know who is there. */
    record Surveyed(Completion<List<JsonObject>> done) implements FleetEvent {}

    /** Another policy decides or is asked besides from now on. */
    record PolicyChanged(PolicyChange change) implements FleetEvent {}

    record Closed() implements FleetEvent {}
}
