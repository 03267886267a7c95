/**
 * Moves KV blocks between members: our own protocol over TCP or TLS, and memory that two processes
 * of one machine map. Depends on {@code dev.cairn.ports} and the JDK.
 *
 * <p>Start reading at {@link dev.cairn.transport.kv.KvTransport}. Who pulls: {@code PeerLink} (a
 * peer), {@code Outgoing} (a connection to it), {@code Pull}. Who serves: {@code Listener}, {@code
 * Incoming}, {@code Serving}. Bytes: {@code Frame}, {@code FrameReader}, {@code FrameWriter} over a
 * {@code Pipe} or a {@code Ring}. The protocol, to the byte: {@code docs/kv-transport.md}.
 */
package dev.cairn.transport.kv;
