/**
 * Properties of a server's scheduling, measured over real sockets as ratios within one run:
 * fairness, a long prompt beside running answers, clients that go away, priorities, overload.
 *
 * <p>Start at {@link dev.cairn.distribution.bench.latency.LatencyCase}. Depends on {@code
 * bench.server}, {@code bench.load} and what they depend on.
 */
package dev.cairn.distribution.bench.latency;
