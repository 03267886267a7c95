package dev.cairn.serving;

import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.ToolChoice;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** Calls as a front end makes them. */
final class Calls {

    private static final AtomicLong NUMBER = new AtomicLong();

    private Calls() {}

    /**
     * The likeliest tokens, end of sequence ignored, with log-probabilities of prompt and answer.
     */
    static GenerationCall greedy(int[] prompt, int tokens) {
        return call(new Prompt.TokenIds(prompt), tokens, 0, 0, true, OptionalInt.of(0));
    }

    /** The likeliest tokens until the model ends. */
    static GenerationCall answer(Prompt prompt, int tokens) {
        return call(prompt, tokens, 0, 0, false, OptionalInt.empty());
    }

    static GenerationCall sampled(int[] prompt, int tokens, double temperature, long seed) {
        return call(
                new Prompt.TokenIds(prompt), tokens, temperature, seed, true, OptionalInt.empty());
    }

    /** As many answers as beams, which end with one of some tokens or with the budget. */
    static GenerationCall beams(int[] prompt, int tokens, BeamSearch search, List<Integer> ends) {
        return new GenerationCall(
                "call-" + NUMBER.incrementAndGet(),
                LocalCairn.MODEL,
                new Prompt.TokenIds(prompt),
                search.width(),
                OptionalInt.of(tokens),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                Map.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                ends,
                true,
                false,
                true,
                OptionalInt.of(0),
                OptionalInt.empty(),
                OptionalInt.empty(),
                AnswerShape.TEXT,
                Optional.of(search),
                0,
                "",
                "",
                OptionalLong.empty(),
                TraceContext.NONE);
    }

    /** An answer of a format, with log-probabilities. */
    static GenerationCall ofFormat(
            Prompt prompt, int tokens, double temperature, long seed, OutputFormat format) {
        var shape =
                new AnswerShape(
                        Optional.of(format), "response_format", new ToolChoice.None(), true, false);
        return call(prompt, tokens, temperature, seed, false, OptionalInt.empty(), shape);
    }

    private static GenerationCall call(
            Prompt prompt,
            int tokens,
            double temperature,
            long seed,
            boolean ignoreEnd,
            OptionalInt promptLogprobs) {
        return call(prompt, tokens, temperature, seed, ignoreEnd, promptLogprobs, AnswerShape.TEXT);
    }

    private static GenerationCall call(
            Prompt prompt,
            int tokens,
            double temperature,
            long seed,
            boolean ignoreEnd,
            OptionalInt promptLogprobs,
            AnswerShape shape) {
        return new GenerationCall(
                "call-" + NUMBER.incrementAndGet(),
                LocalCairn.MODEL,
                prompt,
                1,
                OptionalInt.of(tokens),
                OptionalInt.empty(),
                OptionalDouble.of(temperature),
                OptionalDouble.of(1),
                OptionalInt.of(0),
                OptionalDouble.of(0),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.of(seed),
                Map.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                ignoreEnd,
                false,
                true,
                OptionalInt.of(3),
                promptLogprobs,
                OptionalInt.empty(),
                shape,
                Optional.empty(),
                0,
                "",
                "",
                OptionalLong.empty(),
                TraceContext.NONE);
    }
}
