package dev.cairn.ports.relay;

import java.util.List;
import java.util.function.Consumer;

/**
 * Which remote workers there are: written down, in a watched file, or behind a DNS name.
 *
 * <p>Threads: {@link #listen} once; the listener is called on that thread first, then on the
 * implementation's own, one change at a time.
 */
public interface WorkerList extends AutoCloseable {

    /**
     * Tells the workers now and after every change. A source that cannot be read keeps what it told
     * last.
     */
    void listen(Consumer<List<RemoteWorker>> listener);

    @Override
    void close();
}
