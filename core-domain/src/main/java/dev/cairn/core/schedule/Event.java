package dev.cairn.core.schedule;

import dev.cairn.core.cache.CacheEvent;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.system.Completion;

/** What a scheduler hears. */
sealed interface Event {

    record Arrived(LiveRequest request) implements Event {}

    /** The client went away, or whoever asked wants no more. */
    record Aborted(LiveRequest request) implements Event {}

    record StepCompleted(StepPlan plan, StepResult result) implements Event {}

    record StepFailed(StepPlan plan, Throwable failure) implements Event {}

    /** The draft model computed a step of its round. */
    record Drafted(StepResult result) implements Event {}

    record DraftFailed(Throwable failure) implements Event {}

    /** Blocks moved between the device and the tiers below it. */
    record Moved(CacheEvent event) implements Event {}

    /** An adapter came to the runner, or did not. */
    record Adapted(AdapterNews news) implements Event {}

    /** The runner is to give its memory back. */
    record SleepAsked(SleepMode mode, Completion<Void> done) implements Event {}

    record WakeAsked(Completion<Void> done) implements Event {}

    /** The runner has done what {@link Command.Sleep} asked for. */
    record Slept() implements Event {}

    record SleepFailed(Throwable failure) implements Event {}

    /** The runner has done what {@link Command.Wake} asked for. */
    record Woken() implements Event {}

    record WakeFailed(Throwable failure) implements Event {}

    /** The backend is closed: everything alive fails. */
    record Closed() implements Event {}
}
