/**
 * Virtual time: the second driver of the state machines, an event queue in one thread where a
 * thousand workers run as fast as they can be computed, the same way every time. Depends on {@code
 * core.mailbox} and the ports. Start at {@link dev.cairn.core.simulate.VirtualDriver}.
 */
package dev.cairn.core.simulate;
