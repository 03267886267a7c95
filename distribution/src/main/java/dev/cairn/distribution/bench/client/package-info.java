/**
 * A lean HTTP/1.1 client for streamed answers: blocking sockets, one virtual thread per request,
 * and the arrival time of every event taken before anything is parsed.
 *
 * <p>Start at {@link dev.cairn.distribution.bench.client.LoadClient}. Depends on the JDK and the
 * JSON classes of {@code ports}.
 */
package dev.cairn.distribution.bench.client;
