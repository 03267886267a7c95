package dev.cairn.transport.kv;

import java.io.EOFException;

/**
 * Wakes a thread that waits for room in a ring.
 *
 * <p>Threads: one waits, any rings.
 */
final class Bell {

    private boolean rung;
    private boolean closed;

    synchronized void ring() {
        rung = true;
        notifyAll();
    }

    /** Whoever waits, now or later, hears that the connection is closed. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized void await() throws EOFException {
        while (!rung && !closed) {
            try {
                wait();
            } catch (InterruptedException _) {
                // Nobody interrupts these threads; closing is how they end.
                Thread.interrupted();
            }
        }
        if (closed) {
            throw new EOFException("the connection was closed");
        }
        rung = false;
    }
}
