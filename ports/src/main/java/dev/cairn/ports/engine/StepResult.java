package dev.cairn.ports.engine;

import java.util.List;

/**
 * What a step gave.
 *
 * @param rows one per row of the {@link SamplingBatch}, in order; null for {@link
 *     SamplingRow.Ignore}
 * @param computeNanos time that the device worked on the step
 * @param samplingNanos the part of it that went into sampling; 0 where that is not known apart
 */
public record StepResult(List<TokenChoice> rows, long computeNanos, long samplingNanos) {

    /** Of an engine that does not tell sampling from the rest. */
    public StepResult(List<TokenChoice> rows, long computeNanos) {
        this(rows, computeNanos, 0);
    }
}
