package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.DEBUG;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Closes connections whose client takes too long to send a request: each holds a thread and a place
 * among the connections, and a few thousand of them would shut everybody else out. Threads: any.
 */
final class SlowSenders {

    private static final System.Logger LOGGER = System.getLogger(SlowSenders.class.getName());

    private final Duration patience;
    private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();

    /**
     * @param patience from a request's first byte to its last
     */
    SlowSenders(Duration patience) {
        this.patience = patience;
    }

    void opened(ClientConnection connection) {
        open.add(connection);
    }

    void closed(ClientConnection connection) {
        open.remove(connection);
    }

    /** Looks at all connections again and again, until interrupted. */
    void watch() {
        try {
            while (true) {
                Thread.sleep(patience.dividedBy(4));
                closeSlow(System.nanoTime());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeSlow(long now) {
        for (ClientConnection connection : open) {
            if (connection.sendingNanos(now) > patience.toNanos()) {
                LOGGER.log(DEBUG, "a client did not send its request in " + patience);
                try {
                    connection.serverSocket().close();
                } catch (UncheckedIOException gone) {
                    LOGGER.log(DEBUG, "it was gone already", gone);
                }
            }
        }
    }
}
