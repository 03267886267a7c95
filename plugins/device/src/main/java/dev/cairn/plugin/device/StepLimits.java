package dev.cairn.plugin.device;

import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArchitecture;

/**
 * The most that a step may bring; all work memory is sized from it once.
 *
 * @param tokens over all sequences
 * @param sequences in a batch
 * @param logitRows rows of logits wanted
 * @param positions longest sequence
 */
record StepLimits(int tokens, int sequences, int logitRows, int positions) {

    /** Logits are by far the widest rows; a step that scores a whole prompt is cut by this. */
    private static final long LOGIT_BYTES = 64L << 20;

    static StepLimits of(ModelArchitecture architecture, RunnerOptions options) {
        int tokens = options.maxTokensPerStep();
        int sequences = Math.min(options.maxSequencesPerStep(), tokens);
        if (tokens < 1 || sequences < 1 || options.maxModelLength() < 1) {
            throw new IllegalArgumentException(
                    "a step needs at least one token, one sequence and one position: " + options);
        }
        long rows = LOGIT_BYTES / (4L * architecture.vocabularySize());
        return new StepLimits(
                tokens,
                sequences,
                (int) Math.min(tokens, Math.max(sequences, rows)),
                Math.min(architecture.maxPositions(), options.maxModelLength()));
    }

    /** The same with a shorter longest sequence. */
    StepLimits withPositions(int most) {
        return new StepLimits(tokens, sequences, logitRows, Math.min(positions, most));
    }
}
