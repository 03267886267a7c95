package dev.cairn.ports.cache;

import java.util.List;

/**
 * Publishes this worker's {@link KvEvent}s, or hears those of others, in one dialect.
 *
 * <p>Threads: {@link #publish} by one mailbox, never waits (a full queue drops the batch, and the
 * gap in the sequence tells consumers); the listener is called on the channel's own thread, batches
 * of one worker in order.
 */
public interface KvEventChannel extends AutoCloseable {

    /** Dialect for configuration: {@code "cairn"}, {@code "vllm"}, {@code "sglang"}. */
    String dialect();

    void publish(long sequence, List<KvEvent> batch);

    /** Starts to hear a worker. */
    void subscribe(String worker, String address, KvEventListener listener);

    @Override
    void close();

    /** Hears batches. */
    interface KvEventListener {

        /**
         * @param sequence counts up by one per batch of a worker; a jump is a gap
         */
        void batch(String worker, long sequence, List<KvEvent> events);

        /** The channel lost the worker; what it holds is unknown until it is heard again. */
        void lost(String worker, String reason);
    }
}
