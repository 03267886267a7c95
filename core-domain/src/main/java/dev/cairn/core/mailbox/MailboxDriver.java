package dev.cairn.core.mailbox;

/**
 * Runs state machines: with threads, or in virtual time.
 *
 * <p>A handler that throws has a bug: a driver of threads logs it and goes on with the next event,
 * virtual time ends the run with it.
 */
public interface MailboxDriver {

    /**
     * Opens a mailbox whose events go to {@code handler} from now on.
     *
     * @param name of the machine, for threads and messages
     */
    <E> Mailbox<E> open(String name, EventHandler<E> handler);
}
