/**
 * What a router costs: processor time per request and per event, and latency, of this program's
 * relay and of other routers before the same stand-in engines, in turns. May depend on the JDK,
 * {@code bench} and {@code bench.server}. Start at {@link
 * dev.cairn.distribution.bench.router.RouterBenchmark}.
 */
package dev.cairn.distribution.bench.router;
