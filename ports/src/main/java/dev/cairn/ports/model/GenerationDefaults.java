package dev.cairn.ports.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What the model's publisher recommends ({@code generation_config.json}); a request's own values
 * win.
 *
 * @param endOfSequenceIds tokens that end an answer; never null, may be empty
 * @param beginOfSequenceId the token that starts a text, where the model has one
 * @param doSample false asks for greedy decoding by default, as Hugging Face's {@code do_sample};
 *     absent means true for a chat server, as vLLM treats it
 */
public record GenerationDefaults(
        List<Integer> endOfSequenceIds,
        OptionalInt beginOfSequenceId,
        Optional<Boolean> doSample,
        OptionalDouble temperature,
        OptionalDouble topP,
        OptionalInt topK,
        OptionalDouble minP,
        OptionalDouble repetitionPenalty) {

    public GenerationDefaults {
        endOfSequenceIds = List.copyOf(endOfSequenceIds);
    }

    public static GenerationDefaults none() {
        return new GenerationDefaults(
                List.of(),
                OptionalInt.empty(),
                Optional.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }
}
