package dev.cairn.transport.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** Helidon's HTTP/1.1 over {@link ClientConnection}s. HTTP/2 is not spoken. Threads: any. */
final class WatchedHttp1 implements ServerConnectionSelector {

    /** How long a refused client may go on sending before the connection is closed under it. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final Http1ConnectionSelector http1;
    private final long requestBudget;
    private final Semaphore places;
    private final SlowSenders senders;

    WatchedHttp1(HttpOptions.Limits limits, SlowSenders senders) {
        this.senders = senders;
        this.http1 =
                Http1ConnectionSelector.builder()
                        .config(Http1Config.builder().maxHeadersSize(limits.headerBytes()).build())
                        .build();
        this.places = new Semaphore(limits.connections());
        // Chunked framing costs a client up to six bytes for one; nobody sends such chunks.
        this.requestBudget = 2 * limits.bodyBytes() + (64 << 10);
    }

    @Override
    public int bytesToIdentifyConnection() {
        return http1.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        // Whatever else it may be is answered as bad HTTP/1.1, instead of not at all.
        return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http1.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        var client = new ClientConnection(context, requestBudget);
        ServerConnection served = http1.connection(client);
        if (served instanceof InterruptableTask<?> task) {
            client.servedBy(task::canInterrupt);
        }
        return new Connection(client, served, senders, places, requestBudget);
    }

    private record Connection(
            ClientConnection client,
            ServerConnection http1,
            SlowSenders senders,
            Semaphore places,
            long lingerBytes)
            implements ServerConnection {

        @Override
        public void handle(Limit limit) throws InterruptedException {
            if (!places.tryAcquire()) {
                return;
            }
            senders.opened(client);
            try {
                serve(limit);
            } finally {
                senders.closed(client);
                places.release();
            }
        }

        private void serve(Limit limit) throws InterruptedException {
            ScopedValue.where(ClientConnection.CURRENT, client)
                    .call(
                            () -> {
                                http1.handle(limit);
                                return null;
                            });
            if (client.refusedUnread()) {
                client.input().discard(LINGER.toNanos(), lingerBytes);
            }
        }

        @Override
        public Duration idleTime() {
            return client.busy() ? Duration.ZERO : http1.idleTime();
        }

        @Override
        public void close(boolean interrupt) {
            http1.close(interrupt);
        }
    }
}
