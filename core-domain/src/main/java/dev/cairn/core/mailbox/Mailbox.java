package dev.cairn.core.mailbox;

/**
 * Where events for one state machine are left.
 *
 * <p>Threads: any; no method waits for the machine.
 */
public interface Mailbox<E> extends AutoCloseable {

    /**
     * Leaves an event. Events are handed over in the order of their posting; those posted from
     * within a turn come after the turn. After {@link #close} events are dropped.
     */
    void post(E event);

    /**
     * Takes no more events; those already posted are still handed over. Does not wait. Closing
     * twice does nothing.
     */
    @Override
    void close();
}
