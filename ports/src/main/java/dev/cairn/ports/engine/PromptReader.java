package dev.cairn.ports.engine;

import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.PrefillPlace;
import dev.cairn.ports.system.Timers;

/**
 * Reads prompts for workers that write the answers: computes a prompt's blocks and keeps them where
 * they can be pulled.
 *
 * <p>Threads: any; no method waits. Events of one prompt come in order, on any thread.
 */
public interface PromptReader {

    /**
     * Starts to read a request's prompt; nothing of its answer is of interest.
     *
     * @return ends it: what was not read yet is not read, and what is ready may go. To be called in
     *     any case, unless {@link Lost} was heard; no event follows
     */
    Timers.Cancellation read(GenerationRequest request, PromptListener events);

    /** Hears how far a prompt has come; hands it on and never waits. */
    interface PromptListener {

        void on(PromptEvent event);
    }

    /** Others who read prompts, by the place that a request names. */
    interface Directory {

        /** Cheap; whether somebody is there is seen when he is asked. */
        PromptReader at(PrefillPlace place);
    }

    /** What happens to a prompt that is read elsewhere. */
    sealed interface PromptEvent {}

    /**
     * It has begun.
     *
     * @param address from which the transport pulls what becomes ready
     */
    record Offered(String address) implements PromptEvent {}

    /**
     * All blocks of the first {@code tokens} tokens can be pulled, of every layer group, until the
     * reading ends or its lease is over.
     */
    record Ready(int tokens) implements PromptEvent {}

    /** Nothing more becomes ready. */
    record AllReady() implements PromptEvent {}

    /** The last event: nothing more comes, and what was ready may be gone. */
    record Lost(String reason) implements PromptEvent {}
}
