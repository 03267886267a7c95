package dev.cairn.engine.remote;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A client's connection: reads a request, has it answered, reads the next. The loop's thread.
 *
 * <p>While a request is answered the connection is still read, for that is how the client's going
 * away is seen; what it sends meanwhile is its next request and waits.
 */
final class Client implements RelayLoop.Handler {

    private enum State {
        READING,
        ANSWERING,
        /** The last word is said; the client may still be sending, and should hear it. */
        LINGERING,
        CLOSED
    }

    private static final long LINGER_NANOS = 1_000_000_000L;
    private static final long IDLE_NANOS = 300_000_000_000L;
    private static final byte[] CONTINUE =
            "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Relay relay;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final IncomingRequest incoming;
    private State state = State.READING;
    private RequestHead head;
    private String tenant = "";
    private Exchange exchange;
    private ByteBuffer pending;
    private boolean closesAfter;
    private boolean isProgressing;
    private long since;

    Client(Relay relay, SocketChannel channel) throws IOException {
        this.relay = relay;
        this.channel = channel;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        this.incoming = new IncomingRequest(relay.options(), relay.loop());
        this.since = relay.loop().now();
        this.key = relay.loop().register(channel, SelectionKey.OP_READ, this);
    }

    @Override
    public void ready(SelectionKey ready) throws IOException {
        if (ready.isWritable()) {
            flush();
        }
        if (ready.isValid() && ready.isReadable()) {
            read();
        }
    }

    private void read() throws IOException {
        if (state == State.LINGERING) {
            if (channel.read(relay.loop().answers()) < 0) {
                close();
            }
            return;
        }
        if (incoming.isEmpty()) {
            since = relay.loop().now();
        }
        int count;
        try {
            count = incoming.readFrom(channel);
        } catch (RequestRefused noMemory) {
            closesAfter = true;
            refuse(noMemory.problem());
            return;
        }
        if (count < 0) {
            close();
        } else if (count == 0 && incoming.isFull()) {
            // So much of the next request: it waits in the socket.
            interest();
        } else if (state == State.READING) {
            progress();
        }
    }

    /** Answers whatever is complete, one after the other. */
    private void progress() {
        if (isProgressing) {
            return;
        }
        isProgressing = true;
        try {
            while (state == State.READING && step()) {
                // The next one may be there already.
            }
        } finally {
            isProgressing = false;
        }
    }

    /** Whether something was done. */
    private boolean step() {
        try {
            if (head == null) {
                head = incoming.head();
                if (head == null) {
                    return false;
                }
                begin();
                if (state != State.READING) {
                    return false;
                }
            }
            if (!incoming.bodyComplete()) {
                return false;
            }
            state = State.ANSWERING;
            serve();
            return true;
        } catch (RequestHead.Malformed malformed) {
            closesAfter = true;
            refuse(
                    malformed.status(),
                    RequestProblem.of(
                            Category.INVALID, "malformed_request", malformed.getMessage()));
            return false;
        } catch (BodyFraming.BadFraming malformed) {
            closesAfter = true;
            refuse(
                    RequestProblem.of(
                            Category.INVALID, "malformed_request", malformed.getMessage()));
            return false;
        } catch (RequestRefused refused) {
            closesAfter |= !canGoOn();
            refuse(refused.problem());
            return state == State.READING;
        }
    }

    /** Whether it is known where the next request begins. */
    private boolean canGoOn() {
        return incoming.isComplete()
                || (head != null && !head.isChunked() && incoming.bodyComplete());
    }

    /** A head is there: what is wrong with it is said before a byte of the body is read. */
    private void begin() {
        closesAfter = head.closes() || relay.isDraining();
        incoming.expectBody(head);
        tenant = relay.pages().route(head, relay.gate(), isDirect());
        if (head.expects()) {
            write(ByteBuffer.wrap(CONTINUE), null);
        }
    }

    private boolean isDirect() {
        try {
            return !head.isForwarded()
                    && channel.getRemoteAddress() instanceof InetSocketAddress peer
                    && peer.getAddress().isLoopbackAddress();
        } catch (IOException gone) {
            return false;
        }
    }

    private void serve() {
        var path = RelayedPath.of(head.path());
        if (path.isEmpty()) {
            OwnPages.Page page = relay.pages().answer(head, tenant, relay.isDraining());
            answer(page.status(), page.contentType(), page.headers(), page.body());
            return;
        }
        if (relay.isDraining()) {
            refuse(OwnPages.draining());
            return;
        }
        exchange = new Exchange(relay, this, head, tenant, path.get(), incoming);
        exchange.start();
    }

    /** Whether bytes wait until the client takes them. */
    boolean isBehind() {
        return pending != null;
    }

    /** Whether no other request can follow on this connection. */
    boolean closesAfter() {
        return closesAfter;
    }

    void closeAfter() {
        closesAfter = true;
    }

    /** Says no, and takes the next request. */
    void refuse(RequestProblem problem) {
        refuse(problem.category().status(), problem);
    }

    private void refuse(int status, RequestProblem problem) {
        answer(
                status,
                OwnPages.JSON,
                Refusals.headers(problem),
                Refusals.body(problem).getBytes(StandardCharsets.UTF_8));
    }

    /** An answer of our own. */
    void answer(int status, String contentType, String headers, byte[] body) {
        String id = exchange == null ? idOf(head) : exchange.id();
        boolean isHead = head != null && head.method().equals("HEAD");
        String text =
                "HTTP/1.1 "
                        + status
                        + ' '
                        + OwnPages.reason(status)
                        + "\r\n"
                        + (body.length == 0 ? "" : "Content-Type: " + contentType + "\r\n")
                        + "Content-Length: "
                        + body.length
                        + "\r\n"
                        + headers
                        + (id.isEmpty() ? "" : "x-request-id: " + id + "\r\n")
                        + (closesAfter ? "Connection: close\r\n" : "")
                        + "\r\n";
        relay.requests()
                .add(1, head == null ? "unknown" : pathLabel(head), Integer.toString(status));
        write(
                ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)),
                isHead ? null : ByteBuffer.wrap(body));
        answered();
    }

    private static String idOf(RequestHead head) {
        return head == null ? "" : head.requestId();
    }

    static String pathLabel(RequestHead head) {
        return RelayedPath.of(head.path()).map(RelayedPath::path).orElse("other");
    }

    /**
     * Writes; what the client does not take now waits, and the worker waits with it.
     *
     * @param second may be null
     */
    void write(ByteBuffer first, ByteBuffer second) {
        if (state == State.CLOSED) {
            return;
        }
        try {
            if (pending == null) {
                if (second == null || !second.hasRemaining()) {
                    channel.write(first);
                } else if (!first.hasRemaining()) {
                    channel.write(second);
                } else {
                    channel.write(new ByteBuffer[] {first, second});
                }
            }
            if (first.hasRemaining() || (second != null && second.hasRemaining())) {
                keep(first, second);
            }
        } catch (IOException gone) {
            broken(gone);
        }
    }

    private void keep(ByteBuffer first, ByteBuffer second) {
        int before = pending == null ? 0 : pending.remaining();
        int more = first.remaining() + (second == null ? 0 : second.remaining());
        ByteBuffer all = ByteBuffer.allocate(before + more);
        if (pending != null) {
            all.put(pending);
        }
        all.put(first);
        if (second != null) {
            all.put(second);
        }
        pending = all.flip();
        since = relay.loop().now();
        interest();
    }

    private void flush() throws IOException {
        if (pending == null) {
            return;
        }
        if (channel.write(pending) > 0) {
            since = relay.loop().now();
        }
        if (!pending.hasRemaining()) {
            pending = null;
            interest();
            if (exchange != null) {
                exchange.clientCaughtUp();
            } else if (state == State.ANSWERING) {
                answered();
            }
        }
    }

    private void interest() {
        if (state == State.CLOSED) {
            return;
        }
        int reads = state == State.LINGERING || !incoming.isFull() ? SelectionKey.OP_READ : 0;
        int wanted = reads | (pending == null ? 0 : SelectionKey.OP_WRITE);
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    /**
     * The answer is complete, as far as it was made; when it is written the next request begins.
     */
    void answered() {
        exchange = null;
        state = state == State.CLOSED ? State.CLOSED : State.ANSWERING;
        if (pending != null || state == State.CLOSED) {
            return;
        }
        if (closesAfter) {
            linger();
            return;
        }
        head = null;
        incoming.next();
        since = relay.loop().now();
        state = State.READING;
        interest();
        if (!incoming.isEmpty()) {
            progress();
        }
    }

    /** The client should read our last word before a reset takes it away (RFC 9112, 9.6). */
    private void linger() {
        state = State.LINGERING;
        since = relay.loop().now();
        incoming.release();
        try {
            channel.shutdownOutput();
            interest();
        } catch (IOException gone) {
            close();
        }
    }

    void drain() {
        closesAfter = true;
        if (state == State.READING && incoming.isEmpty()) {
            close();
        }
    }

    void tick(long now) {
        long age = now - since;
        boolean isOver =
                switch (state) {
                    case LINGERING -> age > LINGER_NANOS;
                    case READING ->
                            age
                                    > (incoming.isEmpty()
                                            ? IDLE_NANOS
                                            : relay.options().sendTime().toNanos());
                    case ANSWERING -> pending != null && age > relay.options().sendTime().toNanos();
                    case CLOSED -> false;
                };
        if (isOver) {
            close();
        }
    }

    @Override
    public void broken(Exception why) {
        close();
    }

    /** Whoever works for this client stops. */
    void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        relay.closed(this);
        key.cancel();
        RelayLoop.close(channel);
        if (exchange != null) {
            exchange.clientGone();
            exchange = null;
        }
        incoming.release();
    }
}
