package dev.cairn.ports.engine;

import java.util.List;

/**
 * One ragged step: every sequence brings one token (decode) or a run of them (prefill chunk,
 * speculation).
 *
 * @param copies block copies to make before anything else (copy-on-write), in order
 * @param sequences in the order in which results are reported; no sequence appears twice
 */
public record StepBatch(List<BlockCopy> copies, List<SequenceStep> sequences) {

    public StepBatch {
        copies = List.copyOf(copies);
        sequences = List.copyOf(sequences);
    }

    /** Tokens over all sequences. */
    public int tokens() {
        int sum = 0;
        for (int i = 0; i < sequences.size(); i++) {
            sum += sequences.get(i).tokens().length;
        }
        return sum;
    }

    /** Rows of logits over all sequences. */
    public int logitRows() {
        int sum = 0;
        for (int i = 0; i < sequences.size(); i++) {
            SequenceStep sequence = sequences.get(i);
            sum += sequence.tokens().length - sequence.logitsFrom();
        }
        return sum;
    }

    /** Copies all layers of one block of a group onto another. */
    public record BlockCopy(int group, int from, int to) {}
}
