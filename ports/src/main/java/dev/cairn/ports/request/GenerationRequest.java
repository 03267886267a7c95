package dev.cairn.ports.request;

import dev.cairn.ports.telemetry.TraceContext;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A request in token ids, validated and defaulted: what backends serve and what nodes exchange.
 *
 * @param id unique among live requests
 * @param model served name
 * @param prompt token ids, at least one
 * @param choices how many independent answers; choice i uses the seed {@link #seedOf}
 * @param seed base seed, also where the client gave none (then drawn at random once)
 * @param sampling numbers that shape each choice
 * @param stop when answers end
 * @param allowedTokenIds only these may be generated; empty = all
 * @param badWords token sequences that may not be generated
 * @param format what the answer's text must look like
 * @param beams beam search instead of sampling
 * @param topLogprobs most likely tokens to report per generated token; -1 = no log-probabilities
 * @param promptLogprobs the same for the prompt's tokens
 * @param tenant digest bound to the caller's API key: salt of block hashes and account of quotas;
 *     empty = none. What follows a colon is a salt of the caller's own, and no account
 * @param session that the client says the request belongs to, for routers that keep sessions
 *     together; empty = none
 * @param priority lower is sooner, 0 normal (vLLM's sense)
 * @param deadlineNanos on the clock's scale; after it a waiting request is refused
 * @param arrivalNanos on the clock's scale
 * @param trace of the caller
 * @param continuation what was generated before, elsewhere
 * @param prefillAt who reads the prompt for the one who is asked; empty = nobody
 * @param adapter LoRA adapter to answer with
 * @param booked by the router that sends it
 */
public record GenerationRequest(
        String id,
        String model,
        int[] prompt,
        int choices,
        long seed,
        SamplingParameters sampling,
        StopConditions stop,
        List<Integer> allowedTokenIds,
        List<List<Integer>> badWords,
        Optional<OutputFormat> format,
        Optional<BeamSearch> beams,
        int topLogprobs,
        int promptLogprobs,
        String tenant,
        String session,
        int priority,
        OptionalLong deadlineNanos,
        long arrivalNanos,
        TraceContext trace,
        Continuation continuation,
        Optional<PrefillPlace> prefillAt,
        AdapterChoice adapter,
        Booked booked) {

    /** Callers' own salts are digests in hexadecimal, so none of them ends like this. */
    private static final String LONG_FORM = "+long-form";

    public GenerationRequest {
        if (prompt.length == 0 || choices < 1) {
            throw new IllegalArgumentException(
                    "a request has a prompt and a choice, got "
                            + prompt.length
                            + " tokens and "
                            + choices);
        }
        allowedTokenIds = List.copyOf(allowedTokenIds);
        badWords = List.copyOf(badWords);
    }

    /** A request to the model as it is, without an adapter, that no router sent. */
    public GenerationRequest(
            String id,
            String model,
            int[] prompt,
            int choices,
            long seed,
            SamplingParameters sampling,
            StopConditions stop,
            List<Integer> allowedTokenIds,
            List<List<Integer>> badWords,
            Optional<OutputFormat> format,
            Optional<BeamSearch> beams,
            int topLogprobs,
            int promptLogprobs,
            String tenant,
            String session,
            int priority,
            OptionalLong deadlineNanos,
            long arrivalNanos,
            TraceContext trace,
            Continuation continuation,
            Optional<PrefillPlace> prefillAt) {
        this(
                id,
                model,
                prompt,
                choices,
                seed,
                sampling,
                stop,
                allowedTokenIds,
                badWords,
                format,
                beams,
                topLogprobs,
                promptLogprobs,
                tenant,
                session,
                priority,
                deadlineNanos,
                arrivalNanos,
                trace,
                continuation,
                prefillAt,
                AdapterChoice.NONE,
                Booked.NOTHING);
    }

    /** A request for the most likely tokens, whatever they are, and nothing else. */
    public static GenerationRequest greedy(
            String id, String model, int[] prompt, int tokens, long arrivalNanos) {
        return new GenerationRequest(
                id,
                model,
                prompt,
                1,
                0,
                SamplingParameters.GREEDY,
                new StopConditions(tokens, 0, List.of(), List.of(), List.of(), false, true),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                -1,
                -1,
                "",
                "",
                0,
                OptionalLong.empty(),
                arrivalNanos,
                TraceContext.NONE,
                Continuation.NONE,
                Optional.empty());
    }

    /**
     * Computes the same prompt for the same account, and one token that nobody has to hear of.
     *
     * @param name of the new request
     */
    public GenerationRequest promptAlone(String name) {
        GenerationRequest alone =
                new GenerationRequest(
                        name,
                        model,
                        prompt,
                        1,
                        0,
                        SamplingParameters.GREEDY,
                        new StopConditions(1, 0, List.of(), List.of(), List.of(), false, true),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        -1,
                        -1,
                        tenant,
                        session,
                        priority,
                        deadlineNanos,
                        arrivalNanos,
                        trace,
                        Continuation.NONE,
                        Optional.empty());
        return alone.with(adapter);
    }

    /** The same request, to go on after what was generated elsewhere. */
    public GenerationRequest continuing(Continuation before) {
        return elsewhere(id, before, prefillAt, tenant, adapter, booked);
    }

    /**
     * Settles by which form of positions the request is computed, where a model has two ({@link
     * dev.cairn.ports.model.RotaryEncoding#beyond}). The choice becomes part of the salt of block
     * hashes, so that blocks of one form never serve the other, and travels with the request: who
     * computes its prompt for another, or goes on with it, keeps to it.
     *
     * @param firstFormPositions longest sequence of the first form, prompt and budget together
     * @return the request itself where it stays with the first form, or is settled already
     */
    public GenerationRequest settled(int firstFormPositions) {
        boolean fits = (long) prompt.length + stop.maxTokens() <= firstFormPositions;
        if (fits || usesLongForm()) {
            return this;
        }
        String salted = tenant.indexOf(':') < 0 ? tenant + ":" : tenant;
        return elsewhere(id, continuation, prefillAt, salted + LONG_FORM, adapter, booked);
    }

    /** Whether it was settled on the second form of positions. */
    public boolean usesLongForm() {
        return tenant.endsWith(LONG_FORM);
    }

    /** The same request, its prompt to be read by another worker. */
    public GenerationRequest readAt(PrefillPlace place) {
        return elsewhere(id, continuation, Optional.of(place), tenant, adapter, booked);
    }

    /** The same request under another name: one that is tried again is not the one before. */
    public GenerationRequest named(String name) {
        return elsewhere(name, continuation, prefillAt, tenant, adapter, booked);
    }

    /** The same request, as a router booked it. */
    public GenerationRequest booked(Booked what) {
        return elsewhere(id, continuation, prefillAt, tenant, adapter, what);
    }

    /** The same request, to be answered with an adapter. */
    public GenerationRequest with(AdapterChoice choice) {
        return elsewhere(id, continuation, prefillAt, tenant, choice, booked);
    }

    /** The same request as part of another one's work. */
    public GenerationRequest traced(TraceContext parent) {
        return elsewhere(id, continuation, prefillAt, tenant, adapter, booked, parent);
    }

    /**
     * What binds the blocks of this request beside tokens: the tenant's salt, and the adapter's
     * content. Begins with the account, as {@link #tenant} does.
     */
    public String cacheSalt() {
        return adapter.bind(tenant);
    }

    private GenerationRequest elsewhere(
            String name,
            Continuation before,
            Optional<PrefillPlace> place,
            String salted,
            AdapterChoice choice,
            Booked what) {
        return elsewhere(name, before, place, salted, choice, what, trace);
    }

    private GenerationRequest elsewhere(
            String name,
            Continuation before,
            Optional<PrefillPlace> place,
            String salted,
            AdapterChoice choice,
            Booked what,
            TraceContext parent) {
        return new GenerationRequest(
                name,
                model,
                prompt,
                choices,
                seed,
                sampling,
                stop,
                allowedTokenIds,
                badWords,
                format,
                beams,
                topLogprobs,
                promptLogprobs,
                salted,
                session,
                priority,
                deadlineNanos,
                arrivalNanos,
                parent,
                before,
                place,
                choice,
                what);
    }

    /** Seed of one choice: the request's own for the first, scattered from it for the others. */
    public long seedOf(int choice) {
        return choice == 0 ? seed : dev.cairn.ports.system.RandomSource.mix(seed + choice);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GenerationRequest that
                && id.equals(that.id)
                && Arrays.equals(prompt, that.prompt);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
