/**
 * {@code cairn replay}: a trace through the router, the schedulers and the caches of a fleet in
 * virtual time, and what came of it as text, JSON, a page and a log of decisions. Depends on {@code
 * core.simulate}, {@code core.route}, the simulated engine and the ports. Start at {@link
 * dev.cairn.distribution.replay.Replay}.
 */
package dev.cairn.distribution.replay;
