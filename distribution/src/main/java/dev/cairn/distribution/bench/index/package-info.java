/**
 * {@code cairn bench index}: events and look-ups of a file through the prefix index of the core.
 * Depends on {@code core.route} and the ports. Start at {@link
 * dev.cairn.distribution.bench.index.IndexBenchmark}.
 */
package dev.cairn.distribution.bench.index;
