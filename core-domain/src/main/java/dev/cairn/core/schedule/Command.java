package dev.cairn.core.schedule;

import dev.cairn.ports.request.TokenEvent;

/** What a scheduler wants done, in order. */
sealed interface Command {

    /** Runs a step; its outcome comes back as an event. */
    record Launch(StepPlan plan) implements Command {}

    record Tell(LiveRequest request, TokenEvent event) implements Command {}
}
