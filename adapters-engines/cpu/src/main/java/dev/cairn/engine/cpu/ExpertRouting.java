package dev.cairn.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Which experts each row of a tile goes to, and with which weight: softmax over all experts in
 * float32, the most likely ones, ties to the lower index.
 *
 * <p>A row's choice depends on its own logits alone. Threads: the runner's.
 */
final class ExpertRouting {

    private final int experts;
    private final int perRow;
    private final boolean renormalise;
    private final float[] probabilities;

    /** {@code [row, expert]}: the weight, 0 where the expert was not chosen. */
    private final float[] weights;

    ExpertRouting(int experts, int perRow, boolean renormalise, int rows) {
        this.experts = experts;
        this.perRow = perRow;
        this.renormalise = renormalise;
        probabilities = new float[experts];
        weights = new float[rows * experts];
    }

    /**
     * Routes rows.
     *
     * @param logits {@code [rows, experts]} float32
     */
    void route(MemorySegment logits, int rows) {
        for (int row = 0; row < rows; row++) {
            softmax(logits, (long) row * experts);
            choose(row * experts);
        }
    }

    private void softmax(MemorySegment logits, long start) {
        float max = Float.NEGATIVE_INFINITY;
        for (int expert = 0; expert < experts; expert++) {
            max = Math.max(max, logits.getAtIndex(ValueLayout.JAVA_FLOAT, start + expert));
        }
        float sum = 0;
        for (int expert = 0; expert < experts; expert++) {
            float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, start + expert);
            probabilities[expert] = (float) Math.exp(logit - max);
            sum += probabilities[expert];
        }
        for (int expert = 0; expert < experts; expert++) {
            probabilities[expert] /= sum;
        }
    }

    private void choose(int start) {
        for (int expert = 0; expert < experts; expert++) {
            weights[start + expert] = 0;
        }
        float sum = 0;
        for (int chosen = 0; chosen < perRow; chosen++) {
            int best = -1;
            for (int expert = 0; expert < experts; expert++) {
                boolean free = probabilities[expert] >= 0;
                if (free && (best < 0 || probabilities[expert] > probabilities[best])) {
                    best = expert;
                }
            }
            if (best < 0) {
                return; // the logits were no numbers: the step fails when its own logits are
                // checked
            }
            weights[start + best] = probabilities[best];
            sum += probabilities[best];
            probabilities[best] = -1;
        }
        if (renormalise) {
            for (int expert = 0; expert < experts; expert++) {
                weights[start + expert] /= sum;
            }
        }
    }

    /** The weight of an expert for a row; 0 where it was not chosen. */
    float weight(int row, int expert) {
        return weights[row * experts + expert];
    }
}
