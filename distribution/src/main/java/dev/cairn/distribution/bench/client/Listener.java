package dev.cairn.distribution.bench.client;

/** Watches a streamed answer, on the thread that reads it. */
@FunctionalInterface
public interface Listener {

    Listener NONE = (_, _) -> true;

    /**
     * A chunk with text has arrived.
     *
     * @param count chunks so far, this one included
     * @param nanos when it arrived
     * @return whether to read on; else the connection is closed, as by a client that goes away
     */
    boolean chunk(int count, long nanos);
}
