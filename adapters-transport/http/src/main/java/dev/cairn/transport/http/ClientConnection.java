package dev.cairn.transport.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A connection whose requests can hear that their client went away: Helidon's own, but for the
 * reader.
 *
 * <p>Threads: the connection's, except {@link #busy}.
 */
final class ClientConnection implements ConnectionContext, Guest.Connection {

    /** The connection that the running thread serves. */
    static final ScopedValue<ClientConnection> CURRENT = ScopedValue.newInstance();

    private final ConnectionContext helidon;
    private final ReadAhead input;
    private final DataReader reader;
    private volatile boolean busy;
    private volatile BooleanSupplier betweenRequests = () -> true;
    private volatile OptionalLong sendingSince = OptionalLong.empty();
    private boolean refusedUnread;
    private boolean lastRequestServed;

    ClientConnection(ConnectionContext helidon, long requestBudget) {
        this.helidon = helidon;
        this.input = new ReadAhead(afterBuffered(helidon), requestBudget);
        this.reader = DataReader.create(this::read);
    }

    /**
     * The socket behind what Helidon has read of it already: where it knows several protocols, it
     * looks at a connection's first bytes before it chooses one.
     */
    private static Supplier<byte[]> afterBuffered(ConnectionContext helidon) {
        DataReader reader = helidon.dataReader();
        var buffered = new AtomicReference<byte[]>();
        if (reader.available() > 0) {
            buffered.set(reader.readBytes(reader.available()));
        }
        return () -> {
            byte[] first = buffered.getAndSet(null);
            return first != null ? first : helidon.serverSocket().get();
        };
    }

    private byte[] read() {
        if (lastRequestServed) {
            return null;
        }
        byte[] bytes = input.get();
        // Between requests, every byte may be the first of one.
        if (sendingSince.isEmpty() || betweenRequests.getAsBoolean()) {
            sendingSince = OptionalLong.of(System.nanoTime());
        }
        return bytes;
    }

    /**
     * @param betweenRequests whether the protocol waits for a request's first line
     */
    void servedBy(BooleanSupplier betweenRequests) {
        this.betweenRequests = betweenRequests;
    }

    /** How long the client has been sending the request that it is sending; 0 if none. */
    long sendingNanos(long now) {
        OptionalLong since = sendingSince;
        return since.isEmpty() || betweenRequests.getAsBoolean() ? 0 : now - since.getAsLong();
    }

    /** The request's body is complete. */
    @Override
    public void bodyReceived() {
        sendingSince = OptionalLong.empty();
    }

    /** A request has arrived; its body has not been read. */
    void requestBegins() {
        busy = true;
        input.restartBudget();
    }

    /** Calls back once the client goes away, from now until {@link #requestEnds}. */
    @Override
    public void watch(Runnable gone) {
        input.watch(gone);
    }

    void requestEnds() {
        input.unwatch();
        sendingSince = OptionalLong.empty();
        busy = false;
    }

    /** Whether a request is being answered: such a connection is never idle, however long. */
    boolean busy() {
        return busy;
    }

    /** The connection will be closed while the client may still be sending. */
    void refuseUnread() {
        refusedUnread = true;
    }

    boolean refusedUnread() {
        return refusedUnread;
    }

    /**
     * The answer said {@code Connection: close}. Helidon would wait for a further request; the
     * server is the one to close (RFC 9112, 9.6), and clients without a length to go by wait for
     * it.
     */
    void lastRequestServed() {
        lastRequestServed = true;
    }

    ReadAhead input() {
        return input;
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public ListenerContext listenerContext() {
        return helidon.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return helidon.executor();
    }

    @Override
    public DataWriter dataWriter() {
        return helidon.dataWriter();
    }

    @Override
    public Router router() {
        return helidon.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return helidon.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return helidon.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
        return helidon.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return helidon.localPeer();
    }

    @Override
    public boolean isSecure() {
        return helidon.isSecure();
    }

    @Override
    public String socketId() {
        return helidon.socketId();
    }

    @Override
    public String childSocketId() {
        return helidon.childSocketId();
    }
}
