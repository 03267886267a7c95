package dev.cairn.distribution.bench.client;

/** Watches a streamed answer, on the thread that reads it. */
@FunctionalInterface
public interface Listener {

    Listener NONE = (_, _) -> true;

    /**
     * A chunk with text has arrived.
     *
     * @param tokens so far, this chunk's included: by the server's count where every chunk has it
     *     ({@code continuous_usage_stats}), else chunks
     * @param nanos when it arrived
     * @return whether to read on; else the connection is closed, as by a client that goes away
     */
    boolean chunk(long tokens, long nanos);
}
