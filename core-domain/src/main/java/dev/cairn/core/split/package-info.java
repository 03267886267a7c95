/**
 * Prompts that one worker reads for another, decode first: the worker that writes the answer asks
 * the one that reads, pulls blocks while they are made, and goes on by itself with whatever it got.
 *
 * <p>{@link dev.cairn.core.split.PromptDesk} is the reading side, {@link
 * dev.cairn.core.split.SplitBackend} the writing side; each is a machine with a mailbox of its own.
 * Depends on {@code core.mailbox} and the ports. Start at {@code SplitBackend}.
 */
package dev.cairn.core.split;
