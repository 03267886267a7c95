/**
 * The node protocol: how a router gives requests to a worker and hears its tokens, ids in and ids
 * out, over HTTP/1.1 ({@code docs/node-protocol.md} has every byte of it).
 *
 * <p>{@link dev.cairn.transport.node.NodeEndpoint} answers on the worker's side, on Helidon, under
 * {@code /node/} of whatever server {@code distribution} puts it into; {@link
 * dev.cairn.transport.node.NodeClient} makes a {@link dev.cairn.ports.engine.GenerationBackend} of
 * a worker. May depend on {@code ports} and Helidon, on nothing else of Cairn. Start at {@code
 * NodeProtocol}, then follow {@code RequestBody} there and {@code EventWriter} back.
 */
package dev.cairn.transport.node;
