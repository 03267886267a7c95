package dev.cairn.core.schedule;

import java.util.List;

/** What the requests of a property test were, so that a test which tried little shows it. */
final class Coverage {

    private long requests;
    private long tokens;
    private long ofFormats;
    private long sampled;
    private long severalChoices;
    private long withLogprobs;
    private long echoed;
    private long failed;
    private double preemptions;
    private double guesses;
    private double accepted;
    private long cachedTokens;

    void add(Bench bench, List<Heard> heard) {
        heard.forEach(this::add);
        preemptions += bench.counter("vllm:num_preemptions_total{toy}");
        guesses += bench.counter("vllm:spec_decode_num_draft_tokens_total{toy}");
        accepted += bench.counter("vllm:spec_decode_num_accepted_tokens_total{toy}");
    }

    private void add(Heard heard) {
        requests++;
        tokens += heard.tokenCount();
        ofFormats += heard.request().format().isPresent() ? 1 : 0;
        sampled += heard.request().sampling().temperature() > 0 ? 1 : 0;
        severalChoices += heard.request().choices() > 1 ? 1 : 0;
        withLogprobs += heard.request().topLogprobs() >= 0 ? 1 : 0;
        echoed += heard.request().promptLogprobs() >= 0 ? 1 : 0;
        failed += heard.problem() != null ? 1 : 0;
        cachedTokens += heard.usage() == null ? 0 : heard.usage().cachedTokens();
    }

    long requests() {
        return requests;
    }

    long ofFormats() {
        return ofFormats;
    }

    double preemptions() {
        return preemptions;
    }

    /** Guesses that held. */
    double accepted() {
        return accepted;
    }

    /** Guesses that did not hold, or stood behind one that did not. */
    double refusedGuesses() {
        return guesses - accepted;
    }

    long cachedTokens() {
        return cachedTokens;
    }

    void report(String test) {
        System.out.printf(
                "%s: %d requests of %d tokens: %d of a format, %d sampled, %d with n above 1,"
                        + " %d with logprobs, %d with prompt logprobs, %d refused or failed;"
                        + " %.0f preemptions, %d cached tokens, %.0f guesses of which %.0f held%n",
                test,
                requests,
                tokens,
                ofFormats,
                sampled,
                severalChoices,
                withLogprobs,
                echoed,
                failed,
                preemptions,
                cachedTokens,
                guesses,
                accepted);
    }
}
