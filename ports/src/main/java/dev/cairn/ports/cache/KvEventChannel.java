package dev.cairn.ports.cache;

/**
 * Publishes this worker's {@link KvEvent}s, or hears those of others, in one dialect.
 *
 * <p>Threads: any; no method waits for another process. Listeners are called on a thread of the
 * channel's, for one worker one at a time and in order, and must not wait.
 */
public interface KvEventChannel extends AutoCloseable {

    /** Dialect for configuration: {@code "cairn"}, {@code "vllm"}, {@code "sglang"}. */
    String dialect();

    /** Whether workers that speak this dialect answer {@link Subscription#askDigests}. */
    boolean tellsHoldings();

    /**
     * Starts to publish.
     *
     * @param holdings answers who asks what is held
     * @throws IllegalArgumentException if the address is none, or cannot be bound
     */
    Publication publish(PublishedAt at, KvHoldings holdings);

    /**
     * Starts to hear a worker, and keeps on trying where it is not there.
     *
     * @param address as {@link Publication#address} says it, or as the channel's documentation does
     * @throws IllegalArgumentException if the address is none
     */
    Subscription subscribe(String address, Listener listener);

    /** Ends publications and subscriptions. */
    @Override
    void close();

    /**
     * Where and as what batches are published.
     *
     * @param address empty = as configured
     * @param worker the worker's name
     * @param model what it serves
     */
    record PublishedAt(String address, String worker, String model) {}

    /** This worker's stream. */
    interface Publication extends AutoCloseable {

        /**
         * Queues a batch. Where the queue is full it is dropped, and the gap in the sequence tells
         * consumers.
         */
        void publish(KvEventBatch batch);

        /** What others subscribe to. */
        String address();

        /** Batches that found the queue full. */
        long dropped();

        @Override
        void close();
    }

    /** A worker that is heard. */
    interface Subscription extends AutoCloseable {

        /**
         * Asks for batches from a sequence number on; ends what was asked for before. They come by
         * {@link Listener#replayed}, the end by {@link Listener#replayEnded}; neither comes if the
         * worker does not answer.
         */
        void replay(long fromSequence);

        /** Asks for {@link Listener#digests}; no answer where the dialect has none. */
        void askDigests();

        /** Asks for {@link Listener#keys}; no answer where the dialect has none. */
        void askKeys(String tier, int range);

        @Override
        void close();
    }

    /** Hears one worker. */
    interface Listener {

        /** There is a connection: what was published before is not known. */
        void connected();

        /** A jump of the sequence is a gap. */
        void batch(KvEventBatch batch);

        void replayed(KvEventBatch batch);

        /** No more comes of what was asked for again. */
        void replayEnded();

        void digests(KvHoldings.Digests digests);

        void keys(KvHoldings.Keys keys);

        /** The channel lost the worker; what it holds is unknown until it is heard again. */
        void lost(String reason);
    }
}
