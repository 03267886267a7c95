package dev.cairn.engine.simulated;

import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.util.List;

/**
 * What a step computes, in numbers that its time depends on.
 *
 * @param tokens over all sequences
 * @param rows of logits
 * @param prefillPairs pairs of a token of a chunk and a token that it attends to, mean over the
 *     layers
 * @param decodePairs the same for sequences that bring one token
 */
public record StepWork(int tokens, int rows, double prefillPairs, double decodePairs) {

    /** The work of a batch on a model with these layer groups. */
    public static StepWork of(StepBatch batch, List<LayerGroup> groups) {
        double prefill = 0;
        double decode = 0;
        int layers = 0;
        for (LayerGroup group : groups) {
            layers += group.layers().size();
            for (SequenceStep sequence : batch.sequences()) {
                double pairs = pairs(sequence, group.kind()) * group.layers().size();
                if (sequence.tokens().length == 1) {
                    decode += pairs;
                } else {
                    prefill += pairs;
                }
            }
        }
        return new StepWork(batch.tokens(), batch.logitRows(), prefill / layers, decode / layers);
    }

    private static double pairs(SequenceStep sequence, StateKind kind) {
        long most =
                switch (kind) {
                    case StateKind.FullAttention() -> Long.MAX_VALUE;
                    case StateKind.SlidingWindow(int window) -> window;
                    case StateKind.Recurrent() -> 1;
                };
        long first = sequence.firstPosition() + 1L;
        long last = sequence.firstPosition() + (long) sequence.tokens().length;
        long growing = Math.max(0, Math.min(last, most) - first + 1);
        long full = last - first + 1 - growing;
        return growing * (first + Math.min(last, most)) / 2.0
                + (full == 0 ? 0 : full * (double) most);
    }
}
