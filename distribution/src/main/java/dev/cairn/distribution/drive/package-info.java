/**
 * Real time and real threads for the core's state machines: the clock, timers, randomness, and the
 * driver that gives every mailbox a platform thread of its own.
 *
 * <p>Start at {@code ThreadMailboxes}. Depends on {@code ports} and {@code core.mailbox}.
 */
package dev.cairn.distribution.drive;
