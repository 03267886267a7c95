/**
 * The relay to engines that are not Cairn's: clients' requests go on as bytes to a worker that the
 * {@link dev.cairn.ports.relay.RelayDesk} picks, and its answer comes back as bytes.
 *
 * <p>One thread has all sockets ({@code RelayLoop}), because a request that is handed from thread
 * to thread costs more than everything else that is done to it. A {@code Client} reads a request,
 * {@code BodyCheck} judges it, an {@code Exchange} has it answered by {@code WorkerConnection}s.
 * May depend on {@code ports} alone. Start at {@link dev.cairn.engine.remote.RelayServer}, then
 * {@code Client}.
 */
package dev.cairn.engine.remote;
