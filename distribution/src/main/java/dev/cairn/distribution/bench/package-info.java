/**
 * {@code cairn bench}: what a part of the program does per second, on this machine, now.
 *
 * <p>Start at {@link dev.cairn.distribution.bench.EngineBenchmark} or {@link
 * dev.cairn.distribution.bench.ServeBenchmark}. Depends on {@code ports} and the packages below; a
 * report has the form that the design fixes, so that scripts can compare runs.
 */
package dev.cairn.distribution.bench;
