package dev.cairn.core.schedule;

/**
 * One step, as the step log keeps it.
 *
 * @param step counts from 0
 * @param sequences that shared the step
 * @param prefillTokens prompt tokens computed, those computed again after a preemption included
 * @param decodeTokens generated tokens computed: sequences that decoded
 * @param waiting sequences in the queue when the step was launched
 * @param nanos from launch to report, on the driver's clock
 * @param computeNanos that the device says it worked
 */
public record StepRecord(
        long step,
        int sequences,
        int prefillTokens,
        int decodeTokens,
        int waiting,
        long nanos,
        long computeNanos) {}
