/**
 * Load on a server: when requests go out (open loop by an arrival process or a trace, closed loop
 * by a number of streams), what came back, and its statistics.
 *
 * <p>Start at {@link dev.cairn.distribution.bench.load.LoadRun}, then {@link
 * dev.cairn.distribution.bench.load.LoadSummary}. Depends on {@code bench.client} and {@code
 * bench.prompt}.
 */
package dev.cairn.distribution.bench.load;
