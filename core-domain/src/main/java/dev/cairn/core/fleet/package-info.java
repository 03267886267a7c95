/**
 * A fleet of workers as one backend: which worker gets a request, what happens when it does not
 * answer, goes away in the middle or drains, who waits while nobody is ready, and why all that was
 * decided.
 *
 * <p>One mailbox owns everything here. {@code Dispatcher} is the machine: an event and the time in,
 * commands out; {@code Workers} is who is there, {@code RoutedRequest} what a request was told so
 * far, {@code Attempt} its time at one worker, {@code Admission} who waits and who is next. Depends
 * on {@code core.route}, {@code core.fair}, {@code core.mailbox} and the ports. Start at {@link
 * dev.cairn.core.fleet.RoutedBackend}, then {@code Dispatcher}.
 */
package dev.cairn.core.fleet;
