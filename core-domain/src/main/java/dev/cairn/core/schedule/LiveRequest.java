package dev.cairn.core.schedule;

import dev.cairn.core.fair.TenantShares;
import dev.cairn.core.grammar.CompiledFormat;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A request between its arrival and its end.
 *
 * <p>Threads: made by the caller, then owned by the mailbox.
 */
final class LiveRequest {

    static final long NEVER = Long.MIN_VALUE;

    private final GenerationRequest request;
    private final CompiledFormat format;
    private final TokenListener listener;
    private final List<Sequence> sequences = new ArrayList<>();
    private final GeneratedToken[] promptTokens;
    private final Beams beams;
    private final boolean shadow;
    private final boolean continues;

    private TenantShares.Account<Sequence> account;
    private long startedNanos = NEVER;
    private long firstTokenNanos = NEVER;
    private boolean promptDone;
    private int choicesEnded;
    private int completionTokens;
    private int cachedTokens = Integer.MAX_VALUE;
    private boolean ended;
    private int adapterSlot = -1;

    /**
     * @param format what answers must look like; null = anything
     */
    LiveRequest(GenerationRequest request, CompiledFormat format, TokenListener listener) {
        this(request, format, listener, false);
    }

    private LiveRequest(
            GenerationRequest request,
            CompiledFormat format,
            TokenListener listener,
            boolean shadow) {
        this.shadow = shadow;
        this.request = request;
        this.format = format;
        this.listener = listener;
        this.beams = request.beams().isPresent() ? new Beams(request) : null;
        this.continues = beams == null && request.continuation().told();
        this.promptDone = continues;
        this.promptTokens =
                request.promptLogprobs() >= 0 && !continues
                        ? new GeneratedToken[request.prompt().length]
                        : null;
    }

    /** Whether it was begun elsewhere: its prompt was told of, and what its choices came to. */
    boolean continues() {
        return continues;
    }

    /** Where the engine has its LoRA adapter; -1 = it has none. */
    int adapterSlot() {
        return adapterSlot;
    }

    void adapterIn(int slot) {
        adapterSlot = slot;
    }

    /** A request of the scheduler's own, which finds nothing in the cache and leaves nothing. */
    static LiveRequest shadow(GenerationRequest request) {
        return new LiveRequest(request, null, _ -> {}, true);
    }

    boolean isShadow() {
        return shadow;
    }

    GenerationRequest request() {
        return request;
    }

    /** What answers must look like, or null. */
    CompiledFormat format() {
        return format;
    }

    /** Whose request it is, for the shares; set before it is queued. */
    TenantShares.Account<Sequence> account() {
        return account;
    }

    void belongsTo(TenantShares.Account<Sequence> tenant) {
        account = tenant;
    }

    TokenListener listener() {
        return listener;
    }

    /** One per choice, or one per beam. */
    List<Sequence> sequences() {
        return sequences;
    }

    /** The beam search that it asks for, or null. */
    Beams beams() {
        return beams;
    }

    /** Whether the log-probabilities of the prompt's tokens were asked for. */
    boolean scoresPrompt() {
        return promptTokens != null;
    }

    void score(int promptPosition, GeneratedToken token) {
        promptTokens[promptPosition] = token;
    }

    /** The first is null, for nothing comes before it. Empty if nothing was asked for. */
    List<GeneratedToken> promptTokens() {
        return promptTokens == null
                ? List.of()
                : Collections.unmodifiableList(Arrays.asList(promptTokens));
    }

    boolean hasStarted() {
        return startedNanos != NEVER;
    }

    long startedNanos() {
        return startedNanos;
    }

    void started(long nanos) {
        if (!hasStarted()) {
            startedNanos = nanos;
        }
    }

    /**
     * The first choice begins with so many tokens restored. It may begin more than once, after a
     * preemption; what was never computed counts as cached.
     */
    void restored(int tokens) {
        if (!promptDone || (continues && cachedTokens == Integer.MAX_VALUE)) {
            cachedTokens = Math.min(cachedTokens, Math.min(tokens, request.prompt().length));
        }
    }

    /** Prompt tokens that were not computed; known when the prompt is done. */
    int cachedTokens() {
        return promptDone && cachedTokens < Integer.MAX_VALUE ? cachedTokens : 0;
    }

    long firstTokenNanos() {
        return firstTokenNanos;
    }

    void firstToken(long nanos) {
        firstTokenNanos = nanos;
    }

    boolean isPromptDone() {
        return promptDone;
    }

    void promptDone() {
        promptDone = true;
    }

    void countTokens(int count) {
        completionTokens += count;
    }

    /**
     * @return whether it was the last choice
     */
    boolean choiceEnded() {
        return ++choicesEnded == request.choices();
    }

    boolean hasEnded() {
        return ended;
    }

    void end() {
        ended = true;
    }

    Usage usage() {
        return new Usage(request.prompt().length, completionTokens, cachedTokens(), 0);
    }

    /** A token as requests hear of it. */
    static GeneratedToken generated(TokenChoice choice) {
        return new GeneratedToken(
                choice.token(),
                choice.logprob(),
                choice.rank(),
                choice.topIds(),
                choice.topLogprobs());
    }
}
