package dev.cairn.core.schedule;

import dev.cairn.core.cache.CacheEvent;
import dev.cairn.ports.engine.StepResult;

/** What a scheduler hears. */
sealed interface Event {

    record Arrived(LiveRequest request) implements Event {}

    /** The client went away, or whoever asked wants no more. */
    record Aborted(LiveRequest request) implements Event {}

    record StepCompleted(StepPlan plan, StepResult result) implements Event {}

    record StepFailed(StepPlan plan, Throwable failure) implements Event {}

    /** Blocks moved between the device and the tiers below it. */
    record Moved(CacheEvent event) implements Event {}

    /** The backend is closed: everything alive fails. */
    record Closed() implements Event {}
}
