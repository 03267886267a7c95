/**
 * {@code cairn bench speculation}: what guessing answers ahead gains on text that repeats itself,
 * and what it costs on text that cannot be guessed, beside the same answers without it. Start at
 * {@link dev.cairn.distribution.bench.guess.SpeculationBenchmark}.
 */
package dev.cairn.distribution.bench.guess;
