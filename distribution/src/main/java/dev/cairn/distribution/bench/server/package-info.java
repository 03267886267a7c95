/**
 * The server that a load goes to: found at an address, or started for the purpose as a process of
 * its own; what it serves and what its metrics say.
 *
 * <p>Start at {@link dev.cairn.distribution.bench.server.ServerUnderTest}. Depends on {@code
 * bench.client} and {@code bench.prompt}.
 */
package dev.cairn.distribution.bench.server;
