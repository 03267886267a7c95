package dev.cairn.core.schedule;

import dev.cairn.core.draft.DraftModel;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;

/** What a scheduler wants done, in order. */
sealed interface Command {

    /** Runs a step; its outcome comes back as an event. */
    record Launch(StepPlan plan) implements Command {}

    /** Runs a step of the draft model; its outcome comes back as an event. */
    record Draft(DraftModel.Work work) implements Command {}

    record Tell(LiveRequest request, TokenEvent event) implements Command {}

    /** The runner loads a LoRA adapter into a slot; its outcome comes back as an event. */
    record LoadAdapter(int slot, AdapterArtifact adapter) implements Command {}

    /** Nobody knows an adapter that a request waits for; comes back as an event. */
    record MissAdapter(String digest) implements Command {}

    /** The runner gives its memory back; its outcome comes back as an event. */
    record Sleep() implements Command {}

    /** The runner takes its memory again; its outcome comes back as an event. */
    record Wake() implements Command {}

    /**
     * Tells who waited for sleep or waking.
     *
     * @param failure null if it was done
     */
    record Answer(Completion<Void> done, RequestRefused failure) implements Command {}
}
