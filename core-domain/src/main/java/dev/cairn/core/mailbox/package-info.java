/**
 * How events reach a state machine: one at a time, with the time. The core defines the seam; {@code
 * distribution} supplies a driver of threads, a simulation one of virtual time. Depends on nothing.
 * Start at {@link dev.cairn.core.mailbox.MailboxDriver}.
 */
package dev.cairn.core.mailbox;
