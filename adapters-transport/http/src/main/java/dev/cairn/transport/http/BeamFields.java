package dev.cairn.transport.http;

import dev.cairn.ports.request.BeamSearch;
import java.util.Optional;

/**
 * vLLM's fields of beam search, and {@code early_stopping} of Hugging Face: {@code n} answers of as
 * many beams, or of {@code best_of} beams where that is given.
 */
final class BeamFields {

    private BeamFields() {}

    /** Whether beams are asked for instead of sampling. */
    static boolean wanted(Fields fields) {
        return fields.flag("use_beam_search", false);
    }

    /** Sequences that an engine computes for a prompt at once. */
    static int sequences(Fields fields) {
        return read(fields).map(BeamSearch::width).orElseGet(() -> CallFields.choices(fields));
    }

    /**
     * @throws dev.cairn.ports.request.RequestRefused naming the field
     */
    static Optional<BeamSearch> read(Fields fields) {
        if (!wanted(fields)) {
            return Optional.empty();
        }
        if (fields.flag("stream", false)) {
            throw fields.invalid(
                    "stream",
                    "is not available with use_beam_search: which answers are the best is known"
                            + " only at the end");
        }
        int answers = CallFields.choices(fields);
        int width = fields.integer("best_of").orElse(answers);
        if (width < answers) {
            throw fields.invalid("best_of", "must be at least n, which is " + answers);
        }
        return Optional.of(
                new BeamSearch(
                        width,
                        (float) fields.decimal("length_penalty").orElse(1),
                        fields.flag("early_stopping", false)));
    }
}
