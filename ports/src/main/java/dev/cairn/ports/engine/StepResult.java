package dev.cairn.ports.engine;

import java.util.List;

/**
 * What a step gave.
 *
 * @param rows one per row of the {@link SamplingBatch}, in order; null for {@link
 *     SamplingRow.Ignore}
 * @param computeNanos time that the device worked on the step
 */
public record StepResult(List<TokenChoice> rows, long computeNanos) {}
