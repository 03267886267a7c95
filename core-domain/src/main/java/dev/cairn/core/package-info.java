/**
 * All decisions and use cases, as non-blocking state machines: an event and the time in, commands
 * out. No thread, lock, sleep, clock, random source or I/O; what a machine needs of the world is
 * handed in as an interface of the ports. Depends on the ports alone.
 *
 * <p>The way of a token: {@code request} validates, renders and encodes; {@code schedule} decides
 * what runs next and asks the runner; {@code block} says where keys and values lie; {@code sample}
 * what may be chosen; {@code text} turns tokens into characters; {@code mailbox} is how events
 * reach a machine. Start at {@link dev.cairn.core.request.Inference}.
 */
package dev.cairn.core;
