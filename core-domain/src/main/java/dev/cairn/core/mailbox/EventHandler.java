package dev.cairn.core.mailbox;

/**
 * A state machine as a driver sees it.
 *
 * <p>Threads: never called by two threads at once; what one turn wrote the next one sees. A turn
 * does not wait, and does not look at a clock: the driver brings the time.
 */
public interface EventHandler<E> {

    /**
     * One turn.
     *
     * @param nanos the time, on the scale of {@link dev.cairn.ports.system.Clock#nanos}
     */
    void on(E event, long nanos);
}
