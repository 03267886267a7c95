package dev.cairn.core.schedule;

import dev.cairn.core.block.LookUps;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a scheduler measures: vLLM's names where vLLM has one (its metrics page, v1 engine), labels
 * {@code model_name} and where it applies {@code finished_reason}.
 *
 * <p>Threads: recorded by one mailbox; gauges are read by any thread through a published {@link
 * LoadReport}.
 */
final class SchedulerMeasures {

    private static final double NANOS = 1e9;
    private static final double[] FIRST_TOKEN = {
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20,
        40, 80, 160, 640, 2560
    };
    private static final double[] BETWEEN_TOKENS = {
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
        80
    };
    private static final double[] REQUEST = {
        0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680
    };
    private static final double[] TOKENS = {
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000
    };
    private static final double[] STEP_TOKENS = {
        1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384
    };
    private static final double[] STEP_SEQUENCES = {1, 2, 4, 8, 12, 16, 24, 32, 64, 128, 256, 512};

    private final String model;

    /** Label values of what is counted with every token: made once. */
    private final String[] ofModel;

    private long lookedUpTokens;
    private long lookedUpHits;
    private long drafts;
    private long proposed;
    private long accepted;
    private final Telemetry.Counter promptTokens;
    private final Telemetry.Counter generationTokens;
    private final Telemetry.Counter computedTokens;
    private final Telemetry.Counter draftCount;
    private final Telemetry.Counter draftTokens;
    private final Telemetry.Counter acceptedTokens;
    private final Telemetry.Counter preemptions;
    private final Telemetry.Counter early;
    private final Telemetry.Counter prefixQueries;
    private final Telemetry.Counter prefixHits;
    private final Telemetry.Counter success;
    private final Telemetry.Counter refused;
    private final Telemetry.Counter stepFailures;
    private final Telemetry.Histogram firstToken;
    private final Telemetry.Histogram betweenTokens;
    private final Telemetry.Histogram perToken;
    private final Telemetry.Histogram endToEnd;
    private final Telemetry.Histogram queue;
    private final Telemetry.Histogram prefill;
    private final Telemetry.Histogram decode;
    private final Telemetry.Histogram inference;
    private final Telemetry.Histogram requestPromptTokens;
    private final Telemetry.Histogram requestGenerationTokens;
    private final Telemetry.Histogram stepTokens;
    private final Telemetry.Histogram stepSequences;

    SchedulerMeasures(String model, Telemetry telemetry, Supplier<LoadReport> load) {
        this.model = model;
        this.ofModel = new String[] {model};
        List<String> byModel = List.of("model_name");
        promptTokens =
                telemetry.counter("vllm:prompt_tokens_total", "Prompt tokens processed", byModel);
        generationTokens =
                telemetry.counter("vllm:generation_tokens_total", "Tokens generated", byModel);
        computedTokens =
                telemetry.counter(
                        "cairn:computed_tokens_total",
                        "Tokens that the engine computed, by phase",
                        List.of("model_name", "phase"));
        early =
                telemetry.counter(
                        "cairn:early_steps_total",
                        "Steps that began before all of a fetched prefix had come, by whether the"
                                + " rest came",
                        List.of("model_name", "outcome"));
        draftCount =
                telemetry.counter(
                        "vllm:spec_decode_num_drafts_total",
                        "Times that tokens of a sequence were guessed",
                        byModel);
        draftTokens =
                telemetry.counter(
                        "vllm:spec_decode_num_draft_tokens_total",
                        "Guessed tokens that were computed",
                        byModel);
        acceptedTokens =
                telemetry.counter(
                        "vllm:spec_decode_num_accepted_tokens_total",
                        "Guessed tokens that were the ones chosen",
                        byModel);
        preemptions =
                telemetry.counter(
                        "vllm:num_preemptions_total", "Sequences that lost their blocks", byModel);
        prefixQueries =
                telemetry.counter(
                        "vllm:prefix_cache_queries_total",
                        "Prompt tokens looked for in the prefix cache",
                        byModel);
        prefixHits =
                telemetry.counter(
                        "vllm:prefix_cache_hits_total",
                        "Prompt tokens found in the prefix cache",
                        byModel);
        success =
                telemetry.counter(
                        "vllm:request_success_total",
                        "Requests that ended, by reason",
                        List.of("model_name", "finished_reason"));
        refused =
                telemetry.counter(
                        "cairn:requests_refused_total",
                        "Requests refused by the scheduler, by code",
                        List.of("model_name", "code"));
        stepFailures = telemetry.counter("cairn:step_failures_total", "Steps that failed", byModel);
        firstToken =
                seconds(telemetry, "vllm:time_to_first_token_seconds", "To token 1", FIRST_TOKEN);
        betweenTokens =
                seconds(
                        telemetry,
                        "vllm:inter_token_latency_seconds",
                        "Between tokens of a choice",
                        BETWEEN_TOKENS);
        perToken =
                seconds(
                        telemetry,
                        "vllm:request_time_per_output_token_seconds",
                        "Mean per token after the first, of requests with one choice",
                        BETWEEN_TOKENS);
        endToEnd =
                seconds(telemetry, "vllm:e2e_request_latency_seconds", "Arrival to end", REQUEST);
        queue = seconds(telemetry, "vllm:request_queue_time_seconds", "In the queue", REQUEST);
        prefill =
                seconds(
                        telemetry,
                        "vllm:request_prefill_time_seconds",
                        "Start to token 1",
                        REQUEST);
        decode = seconds(telemetry, "vllm:request_decode_time_seconds", "Token 1 to end", REQUEST);
        inference =
                seconds(telemetry, "vllm:request_inference_time_seconds", "Start to end", REQUEST);
        requestPromptTokens =
                telemetry.histogram("vllm:request_prompt_tokens", "Prompt tokens", byModel, TOKENS);
        requestGenerationTokens =
                telemetry.histogram(
                        "vllm:request_generation_tokens", "Answer tokens", byModel, TOKENS);
        stepTokens =
                telemetry.histogram(
                        "vllm:iteration_tokens_total", "Tokens per step", byModel, STEP_TOKENS);
        stepSequences =
                telemetry.histogram(
                        "cairn:step_sequences", "Sequences per step", byModel, STEP_SEQUENCES);
        gauges(telemetry, load);
    }

    private void gauges(Telemetry telemetry, Supplier<LoadReport> load) {
        Map<String, String> labels = Map.of("model_name", model);
        telemetry.gauge(
                "vllm:num_requests_running",
                "Sequences in the batch",
                labels,
                () -> load.get().running());
        telemetry.gauge(
                "vllm:num_requests_waiting",
                "Sequences in the queue",
                labels,
                () -> load.get().waiting());
        telemetry.gauge(
                "vllm:kv_cache_usage_perc",
                "Share of KV blocks in use, of the fullest layer group; 1 = all",
                labels,
                () -> (double) load.get().usedBlocks() / Math.max(1, load.get().totalBlocks()));
    }

    private static Telemetry.Histogram seconds(
            Telemetry telemetry, String name, String help, double[] buckets) {
        return telemetry.histogram(name, help + ", in seconds", List.of("model_name"), buckets);
    }

    void step(StepPlan plan) {
        computedTokens.add(plan.prefillTokens(), model, "prefill");
        computedTokens.add(plan.decodeTokens(), model, "decode");
        int tokens = plan.prefillTokens() + plan.decodeTokens() + plan.guesses();
        stepTokens.record(tokens, model);
        stepSequences.record(plan.entries().size(), model);
        if (plan.hasGates()) {
            early.add(1, model, plan.hasBrokenGates() ? "cut_short" : "whole");
        }
    }

    void stepFailed() {
        stepFailures.add(1, model);
    }

    void preempted(long count) {
        preemptions.add(count, model);
    }

    /** Notes what was guessed since the last call. */
    void guessed(Speculation all) {
        if (all.drafts() > drafts) {
            draftCount.add(all.drafts() - drafts, ofModel);
            draftTokens.add(all.proposed() - proposed, ofModel);
            acceptedTokens.add(all.accepted() - accepted, ofModel);
            drafts = all.drafts();
            proposed = all.proposed();
            accepted = all.accepted();
        }
    }

    /** Notes what was looked up since the last call. */
    void lookedUp(LookUps all) {
        if (all.tokens() > lookedUpTokens) {
            prefixQueries.add(all.tokens() - lookedUpTokens, model);
            prefixHits.add(all.hits() - lookedUpHits, model);
            lookedUpTokens = all.tokens();
            lookedUpHits = all.hits();
        }
    }

    void promptDone(int tokens) {
        promptTokens.add(tokens, model);
    }

    /** Notes an answer that comes as a whole. */
    void answered(LiveRequest live, int tokens, long nanos) {
        generationTokens.add(tokens, ofModel);
        if (live.firstTokenNanos() == LiveRequest.NEVER) {
            first(live, nanos);
        }
    }

    private void first(LiveRequest live, long nanos) {
        live.firstToken(nanos);
        long arrival = live.request().arrivalNanos();
        firstToken.record((nanos - arrival) / NANOS, model);
        queue.record((live.startedNanos() - arrival) / NANOS, model);
        prefill.record((nanos - live.startedNanos()) / NANOS, model);
    }

    /** Notes tokens of a sequence that are told together. */
    void tokens(Sequence sequence, int count, long nanos) {
        generationTokens.add(count, ofModel);
        LiveRequest live = sequence.live();
        if (live.firstTokenNanos() == LiveRequest.NEVER) {
            first(live, nanos);
        }
        if (sequence.standing().lastTokenNanos() != LiveRequest.NEVER) {
            betweenTokens.record((nanos - sequence.standing().lastTokenNanos()) / NANOS, ofModel);
        }
        sequence.standing().lastToken(nanos);
    }

    void choiceEnded(FinishReason reason) {
        success.add(1, model, reason.label());
    }

    void requestEnded(LiveRequest live, long nanos) {
        endToEnd.record((nanos - live.request().arrivalNanos()) / NANOS, model);
        inference.record((nanos - live.startedNanos()) / NANOS, model);
        decode.record((nanos - live.firstTokenNanos()) / NANOS, model);
        int tokens = live.usage().completionTokens();
        if (live.request().choices() == 1 && tokens > 1) {
            perToken.record((nanos - live.firstTokenNanos()) / NANOS / (tokens - 1), model);
        }
        requestPromptTokens.record(live.request().prompt().length, model);
        requestGenerationTokens.record(live.usage().completionTokens(), model);
    }

    void aborted() {
        success.add(1, model, "abort");
    }

    void refused(String code) {
        refused.add(1, model, code);
    }
}
