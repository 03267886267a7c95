/**
 * Decides what an engine computes next: continuous batching of prompt chunks and decodes, admission
 * by free blocks of every layer group, preemption by recompute. {@link
 * dev.cairn.core.schedule.ScheduledBackend} puts it over a {@code ModelRunner} and so makes a
 * {@code GenerationBackend} of it.
 *
 * <p>One mailbox owns everything here. {@code BatchScheduler} is the machine: an event and the time
 * in, commands out; {@code StepPlanner} fills a step, {@code StepPlan} is that step, {@code
 * Sequence} one choice of a request, {@code Speculation} puts guesses behind it. Depends on {@code
 * core.block}, {@code core.fair}, {@code core.sample}, {@code core.speculate}, {@code core.text},
 * {@code core.mailbox} and the ports. Start at {@code ScheduledBackend}, then {@code
 * BatchScheduler}.
 */
package dev.cairn.core.schedule;
