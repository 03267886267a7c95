package dev.cairn.ports.engine;

import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.model.ModelFingerprint;
import java.util.List;

/**
 * What a runner is and can take.
 *
 * @param engine name of the factory that made it, for example {@code "cpu"}
 * @param report what was chosen and why, in one line for the start-up banner and {@code /metrics}:
 *     kernels, threads, types
 * @param fingerprint of the model it runs
 * @param identity how it computes
 * @param groups in the order in which block tables come
 * @param poolBlocks blocks per group, ids are 0 .. poolBlocks - 1; same order as {@code groups}
 * @param vocabularySize width of the logits
 * @param maxPositions longest sequence in tokens
 * @param maxTokensPerStep most tokens in a batch, over all sequences
 * @param maxSequencesPerStep most sequences in a batch
 * @param maxLogitRowsPerStep most rows of logits in a batch
 * @param stepsInFlight launches allowed before the first is reported; 1 = no overlap
 * @param weightBytes device memory of the weights
 * @param cacheBytes device memory of the KV pools
 * @param firstFormPositions longest sequence, in tokens of prompt and budget, whose positions enter
 *     by the first form of {@link dev.cairn.ports.model.RotaryEncoding#beyond}; {@link
 *     Integer#MAX_VALUE} = there is one form only
 */
public record RunnerDescription(
        String engine,
        String report,
        ModelFingerprint fingerprint,
        ComputeIdentity identity,
        List<LayerGroup> groups,
        List<Integer> poolBlocks,
        int vocabularySize,
        int maxPositions,
        int maxTokensPerStep,
        int maxSequencesPerStep,
        int maxLogitRowsPerStep,
        int stepsInFlight,
        long weightBytes,
        long cacheBytes,
        int firstFormPositions) {

    public RunnerDescription {
        groups = List.copyOf(groups);
        poolBlocks = List.copyOf(poolBlocks);
        if (groups.size() != poolBlocks.size()) {
            throw new IllegalArgumentException(
                    groups.size() + " groups but " + poolBlocks.size() + " pools");
        }
    }

    /** Of a model with one form of positions. */
    public RunnerDescription(
            String engine,
            String report,
            ModelFingerprint fingerprint,
            ComputeIdentity identity,
            List<LayerGroup> groups,
            List<Integer> poolBlocks,
            int vocabularySize,
            int maxPositions,
            int maxTokensPerStep,
            int maxSequencesPerStep,
            int maxLogitRowsPerStep,
            int stepsInFlight,
            long weightBytes,
            long cacheBytes) {
        this(
                engine,
                report,
                fingerprint,
                identity,
                groups,
                poolBlocks,
                vocabularySize,
                maxPositions,
                maxTokensPerStep,
                maxSequencesPerStep,
                maxLogitRowsPerStep,
                stepsInFlight,
                weightBytes,
                cacheBytes,
                Integer.MAX_VALUE);
    }
}
