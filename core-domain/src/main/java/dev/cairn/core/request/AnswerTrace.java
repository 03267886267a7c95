package dev.cairn.core.request;

import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The span of one request, by OpenTelemetry's semantic conventions for generative AI (gen_ai.*).
 * Threads: one at a time.
 */
final class AnswerTrace {

    private final Telemetry.Span span;
    private final Set<String> reasons = new LinkedHashSet<>();

    AnswerTrace(GenerationCall call, String model, Telemetry telemetry) {
        String operation = call.prompt() instanceof Prompt.Chat ? "chat" : "text_completion";
        span =
                telemetry
                        .span(operation + " " + model, call.trace())
                        .attribute("gen_ai.operation.name", operation)
                        .attribute("gen_ai.provider.name", "cairn")
                        .attribute("gen_ai.request.model", model)
                        .attribute("gen_ai.response.model", model)
                        .attribute("gen_ai.response.id", call.id());
    }

    TraceContext context() {
        return span.context();
    }

    void asked(GenerationRequest request) {
        span.attribute("gen_ai.request.choice.count", request.choices())
                .attribute("gen_ai.request.max_tokens", request.stop().maxTokens())
                .attribute("gen_ai.request.temperature", request.sampling().temperature())
                .attribute("gen_ai.request.top_p", request.sampling().topP())
                .attribute("gen_ai.request.top_k", request.sampling().topK())
                .attribute("gen_ai.request.seed", request.seed())
                .attribute("gen_ai.usage.input_tokens", request.prompt().length);
    }

    void finished(FinishReason reason) {
        reasons.add(reason.label());
    }

    void ended(Usage usage) {
        span.attribute("gen_ai.usage.output_tokens", usage.completionTokens())
                .attribute("gen_ai.usage.cache_read.input_tokens", usage.cachedTokens())
                .attribute("gen_ai.response.finish_reasons", String.join(",", reasons))
                .end();
    }

    void failed(RequestProblem problem) {
        span.attribute("error.type", problem.code()).failed(problem.message());
        span.end();
    }
}
