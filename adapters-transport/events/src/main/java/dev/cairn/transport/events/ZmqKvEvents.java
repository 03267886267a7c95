package dev.cairn.transport.events;

import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.cache.KvHoldings;
import java.util.ArrayList;
import java.util.List;

/**
 * KV events over ZeroMQ, in the framing of vLLM: {@code [topic, sequence, batch]} from a PUB
 * socket, with a ROUTER socket beside it that sends batches again.
 *
 * <p>Threads: any. Each publication has a thread, all subscriptions of a channel share one.
 */
public final class ZmqKvEvents implements KvEventChannel {

    private final Dialect dialect;
    private final EventOptions options;
    private final List<Publisher> publishers = new ArrayList<>();
    private Subscriber subscriber;
    private boolean closed;

    public ZmqKvEvents(Dialect dialect, EventOptions options) {
        this.dialect = dialect;
        this.options = options;
    }

    @Override
    public String dialect() {
        return dialect.dashedName();
    }

    @Override
    public boolean tellsHoldings() {
        return dialect == Dialect.CAIRN;
    }

    @Override
    public synchronized Publication publish(PublishedAt at, KvHoldings holdings) {
        requireOpen();
        switch (dialect) {
            case CAIRN, VLLM, VLLM_ARRAY -> {
                Publisher publisher = new Publisher(dialect, options, at, holdings);
                publishers.add(publisher);
                return publisher;
            }
            case SGLANG, MOONCAKE ->
                    throw new IllegalArgumentException(
                            "KV events of the dialect %s are heard, not published; publish %s, %s or %s"
                                    .formatted(
                                            dialect.dashedName(),
                                            Dialect.CAIRN.dashedName(),
                                            Dialect.VLLM.dashedName(),
                                            Dialect.VLLM_ARRAY.dashedName()));
        }
        throw new IllegalStateException("no dialect " + dialect);
    }

    @Override
    public synchronized Subscription subscribe(String address, Listener listener) {
        requireOpen();
        EventAddress parsed = EventAddress.parse(address);
        if (subscriber == null) {
            subscriber = new Subscriber(options.limits().messageBytes());
        }
        return subscriber.follow(parsed, listener);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the channel is closed");
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        publishers.forEach(Publisher::close);
        publishers.forEach(Publisher::awaitEnd);
        if (subscriber != null) {
            subscriber.close();
        }
    }
}
