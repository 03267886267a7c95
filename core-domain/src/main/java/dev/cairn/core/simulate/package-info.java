/**
 * Virtual time: the second driver of the state machines, an event queue in one thread where a
 * thousand workers run as fast as they can be computed, the same way every time; and fleets in it
 * that serve a trace. Depends on {@code core.mailbox}, {@code core.schedule}, {@code core.route},
 * {@code core.block} and the ports. Start at {@link dev.cairn.core.simulate.VirtualDriver}, then
 * {@link dev.cairn.core.simulate.FleetReplay}.
 */
package dev.cairn.core.simulate;
