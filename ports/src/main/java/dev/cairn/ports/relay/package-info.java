/**
 * Requests that go on as bytes to engines that are not Cairn's: which workers there are ({@link
 * dev.cairn.ports.relay.RemoteWorker}, {@link dev.cairn.ports.relay.WorkerList}), and who decides
 * where a request goes ({@link dev.cairn.ports.relay.RelayDesk}). Depends on the JDK and the
 * packages {@code fleet}, {@code request} and {@code system} of {@code ports}. Start at {@link
 * dev.cairn.ports.relay.RelayDesk}.
 */
package dev.cairn.ports.relay;
