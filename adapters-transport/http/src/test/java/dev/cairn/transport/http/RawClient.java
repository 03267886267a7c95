package dev.cairn.transport.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Speaks HTTP by hand, to do what clients should not. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        return this;
    }

    RawClient post(String path, String body) throws IOException {
        byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return send(
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: "
                        + bytes.length
                        + "\r\n\r\n"
                        + new String(bytes, StandardCharsets.UTF_8));
    }

    /** Reads until the text has come; fails at the end of the stream. */
    String readUntil(String wanted) throws IOException {
        byte[] end = wanted.getBytes(StandardCharsets.UTF_8);
        byte[] last = new byte[end.length];
        var read = new ByteArrayOutputStream();
        while (!Arrays.equals(last, end)) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("ended after: " + read.toString(StandardCharsets.UTF_8));
            }
            read.write(b);
            System.arraycopy(last, 1, last, 0, last.length - 1);
            last[last.length - 1] = (byte) b;
        }
        return read.toString(StandardCharsets.UTF_8);
    }

    String readAll() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /**
     * As {@link #readAll}, where the server may cut the connection while this client still sends.
     */
    String readAllOrReset() {
        try {
            return readAll();
        } catch (IOException reset) {
            return "";
        }
    }

    /** Goes away without a word, as a killed process does. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Goes away politely. */
    void leave() throws IOException {
        close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
