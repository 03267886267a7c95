/**
 * {@code cairn bench}: what a part of the program does per second, on this machine, now.
 *
 * <p>Start at {@link dev.cairn.distribution.bench.EngineBenchmark}. Depends on {@code ports}; a
 * report has the form that the design fixes, so that scripts can compare runs.
 */
package dev.cairn.distribution.bench;
