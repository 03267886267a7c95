package dev.cairn.engine.remote;

import dev.cairn.engine.remote.BodyFraming.Kind;
import dev.cairn.ports.relay.AttemptFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * A connection to a worker: one request at a time, kept for the next one afterwards. The loop's
 * thread.
 */
final class WorkerConnection implements RelayLoop.Handler {

    private enum State {
        CONNECTING,
        /** The request is being written; the answer may begin before it is complete. */
        ASKING,
        ANSWERING,
        IDLE,
        CLOSED
    }

    private final RelayLoop loop;
    private final WorkerPool pool;
    private final SocketChannel channel;
    private final SelectionKey key;
    private State state = State.CONNECTING;
    private AnswerSink sink;
    private ByteBuffer[] request = {};
    private byte[] headSoFar = {};
    private AnswerHead head;
    private BodyFraming framing;
    private boolean isUsed;
    private boolean isPaused;
    private long since;

    private WorkerConnection(RelayLoop loop, WorkerPool pool, SocketChannel channel)
            throws IOException {
        this.loop = loop;
        this.pool = pool;
        this.channel = channel;
        this.since = loop.now();
        this.key = loop.register(channel, SelectionKey.OP_CONNECT, this);
    }

    /** Begins to connect; the request may be given at once. */
    static WorkerConnection to(InetSocketAddress address, RelayLoop loop, WorkerPool pool)
            throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            var connection = new WorkerConnection(loop, pool, channel);
            if (channel.connect(address)) {
                connection.state = State.ASKING;
                connection.key.interestOps(SelectionKey.OP_READ);
            }
            return connection;
        } catch (IOException | RuntimeException refused) {
            RelayLoop.close(channel);
            throw refused;
        }
    }

    /** Whether it has served a request before: the worker may have closed it meanwhile. */
    boolean isUsed() {
        return isUsed;
    }

    boolean isConnecting() {
        return state == State.CONNECTING;
    }

    /** Whether every byte of the request is on its way. */
    boolean hasAsked() {
        return request.length == 0;
    }

    /** When it began to do what it does. */
    long since() {
        return since;
    }

    /**
     * Sends a request.
     *
     * @param parts their memory stays as it is until {@link #hasAsked}
     */
    void ask(ByteBuffer[] parts, AnswerSink sink) {
        this.sink = sink;
        this.request = parts;
        since = loop.now();
        if (state != State.CONNECTING) {
            state = State.ASKING;
            try {
                write();
            } catch (IOException broken) {
                broken(broken);
            }
        }
    }

    private void write() throws IOException {
        if (request.length == 0) {
            return;
        }
        channel.write(request);
        if (request[request.length - 1].hasRemaining()) {
            interest(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        } else {
            request = new ByteBuffer[0];
            interest(isPaused ? 0 : SelectionKey.OP_READ);
        }
    }

    private void interest(int wanted) {
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    /** The client reads slowly: nothing more is read here until {@link #resume}. */
    void pause() {
        isPaused = true;
        interest(request.length == 0 ? 0 : SelectionKey.OP_WRITE);
    }

    void resume() {
        if (isPaused && state != State.CLOSED) {
            isPaused = false;
            interest(SelectionKey.OP_READ | (request.length == 0 ? 0 : SelectionKey.OP_WRITE));
        }
    }

    @Override
    public void ready(SelectionKey ready) throws IOException {
        if (state == State.CONNECTING) {
            channel.finishConnect();
            state = State.ASKING;
            interest(SelectionKey.OP_READ);
            write();
            return;
        }
        if (ready.isWritable()) {
            write();
        }
        if (ready.isReadable()) {
            read();
        }
    }

    private void read() throws IOException {
        ByteBuffer data = loop.answers();
        int count = channel.read(data);
        data.flip();
        if (state == State.IDLE || count < 0) {
            ended();
        } else if (count > 0) {
            try {
                heard(data);
            } catch (BodyFraming.BadFraming nonsense) {
                fail(AttemptFailure.NONSENSE);
            }
        }
    }

    /** The worker closed, or spoke without being asked. */
    private void ended() {
        if (state == State.ANSWERING && framing.kind() == Kind.CLOSE) {
            AnswerSink told = sink;
            close();
            told.bytes(ByteBuffer.allocate(0), true);
        } else {
            fail(AttemptFailure.BROKEN);
        }
    }

    private void heard(ByteBuffer data) {
        while (state == State.ASKING) {
            if (!headRead(data)) {
                return;
            }
        }
        if (state != State.ANSWERING) {
            return;
        }
        int end = framing.end(data, null);
        if (end < 0) {
            sink.bytes(data, false);
            return;
        }
        boolean more = end < data.limit();
        data.limit(end);
        AnswerSink told = sink;
        // Given back first: the sink may ask for a connection in the same breath.
        if (more || head.closes() || !hasAsked()) {
            close();
        } else {
            rest();
        }
        told.bytes(data, true);
    }

    /** Reads a head, if it is all there; leaves the data at what follows it. */
    private boolean headRead(ByteBuffer data) {
        byte[] bytes = loop.headBytes();
        int before = headSoFar.length;
        int take = Math.min(data.remaining(), bytes.length - before);
        System.arraycopy(headSoFar, 0, bytes, 0, before);
        data.get(data.position(), bytes, before, take);
        int end = HttpText.headEnd(bytes, before - 3, before + take);
        if (end < 0) {
            if (before + take == bytes.length) {
                fail(AttemptFailure.NONSENSE);
                return false;
            }
            headSoFar = Arrays.copyOf(bytes, before + take);
            return false;
        }
        headSoFar = new byte[0];
        data.position(data.position() + end - before);
        AnswerHead read = AnswerHead.read(bytes, end);
        if (read == null) {
            fail(AttemptFailure.NONSENSE);
            return false;
        }
        if (!read.isInterim()) {
            head = read;
            framing = read.framing();
            state = State.ANSWERING;
            sink.began(read, framing);
        }
        return true;
    }

    /** Waits for the next request. */
    private void rest() {
        state = State.IDLE;
        isUsed = true;
        sink = null;
        head = null;
        framing = null;
        since = loop.now();
        resume();
        pool.idle(this);
    }

    @Override
    public void broken(Exception why) {
        fail(
                state == State.CONNECTING && why instanceof ConnectException
                        ? AttemptFailure.REFUSED
                        : state == State.CONNECTING
                                ? AttemptFailure.UNREACHABLE
                                : AttemptFailure.BROKEN);
    }

    /** Ends the connection and tells whoever waits for it. */
    void fail(AttemptFailure failure) {
        AnswerSink told = sink;
        boolean wasOpen = state != State.CLOSED;
        close();
        if (told != null && wasOpen) {
            told.failed(failure);
        }
    }

    /** Ends the connection and tells nobody: the worker sees that nobody waits any more. */
    void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            sink = null;
            request = new ByteBuffer[0];
            pool.closed(this);
            key.cancel();
            RelayLoop.close(channel);
        }
    }
}
