package dev.cairn.transport.kv;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * TLS over a socket. Records are decrypted into the memory where their bytes belong, if they fit
 * there. The first call shakes hands, so one thread must make it before two use the pipe.
 */
final class TlsPipe implements Pipe {

    /** So many records go out in one call of the operating system. */
    private static final int RECORDS = 8;

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final SocketChannel channel;
    private final SSLEngine engine;
    private final int recordBytes;

    /** What came and is not decrypted lies between position and limit. */
    private final ByteBuffer received;

    /** What was decrypted and not asked for lies between position and limit. */
    private final ByteBuffer decrypted;

    private final ByteBuffer toSend;
    private boolean shaken;

    /**
     * @param channel connected, blocking
     * @param engine with its side chosen
     */
    TlsPipe(SocketChannel channel, SSLEngine engine) {
        this.channel = channel;
        this.engine = engine;
        this.recordBytes = engine.getSession().getPacketBufferSize();
        this.received = ByteBuffer.allocateDirect(RECORDS * recordBytes).limit(0);
        int plain = engine.getSession().getApplicationBufferSize();
        this.decrypted = ByteBuffer.allocateDirect(plain).limit(0);
        this.toSend = ByteBuffer.allocateDirect(RECORDS * recordBytes);
    }

    @Override
    public String name() {
        return "tls";
    }

    @Override
    public void read(ByteBuffer target, int ahead) throws IOException {
        shakeHands();
        while (target.hasRemaining()) {
            if (decrypted.hasRemaining()) {
                int end = decrypted.limit();
                int bytes = Math.min(target.remaining(), decrypted.remaining());
                target.put(decrypted.limit(decrypted.position() + bytes));
                decrypted.limit(end);
            } else if (target.remaining() >= decrypted.capacity()) {
                unwrap(target);
            } else {
                decrypted.clear();
                unwrap(decrypted);
                decrypted.flip();
            }
        }
    }

    /** Decrypts one record, after it was received as a whole. */
    private SSLEngineResult unwrap(ByteBuffer into) throws IOException {
        while (true) {
            SSLEngineResult result = engine.unwrap(received, into);
            runTasks();
            switch (result.getStatus()) {
                case OK -> {
                    return result;
                }
                case BUFFER_UNDERFLOW -> receive();
                case CLOSED -> throw new EOFException("closed the connection");
                case BUFFER_OVERFLOW -> throw new SSLException("sent a record that is too large");
            }
        }
    }

    private void receive() throws IOException {
        received.compact();
        int got;
        try {
            got = channel.read(received);
        } finally {
            received.flip();
        }
        if (got < 0) {
            throw new EOFException("closed the connection");
        }
    }

    @Override
    public void write(ByteBuffer[] parts, int count) throws IOException {
        shakeHands();
        int first = 0;
        while (true) {
            while (first < count && !parts[first].hasRemaining()) {
                first++;
            }
            boolean done = first == count;
            if (done || toSend.remaining() < recordBytes) {
                send();
            }
            if (done) {
                return;
            }
            demandOpen(engine.wrap(parts, first, count - first, toSend));
        }
    }

    private void send() throws IOException {
        toSend.flip();
        while (toSend.hasRemaining()) {
            channel.write(toSend);
        }
        toSend.clear();
    }

    private static void demandOpen(SSLEngineResult result) throws IOException {
        if (result.getStatus() != SSLEngineResult.Status.OK) {
            throw new SSLException("cannot encrypt: " + result.getStatus());
        }
    }

    private void shakeHands() throws IOException {
        if (shaken) {
            return;
        }
        try {
            engine.beginHandshake();
            while (!shaken) {
                step();
            }
        } catch (SSLException e) {
            tellWhy();
            throw new RefusedException("no TLS with it: " + e.getMessage());
        }
    }

    private void step() throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_WRAP -> {
                demandOpen(engine.wrap(NOTHING, toSend));
                send();
            }
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                decrypted.clear();
                unwrap(decrypted);
                decrypted.flip();
            }
            case NEED_TASK -> runTasks();
            case FINISHED, NOT_HANDSHAKING -> shaken = true;
        }
    }

    /** The alert that the engine has made of what went wrong. */
    private void tellWhy() {
        try {
            toSend.clear();
            while (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP
                    && engine.wrap(NOTHING, toSend).bytesProduced() > 0) {
                send();
            }
        } catch (IOException _) {
            // It will see the connection close.
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // It is closed all the same.
        }
    }
}
