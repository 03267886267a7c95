package dev.cairn.transport.node;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A connection to a worker: as much of HTTP/1.1 as a request with a length and an answer in chunks
 * need. One thread, except {@link #close}, which ends whatever waits.
 */
final class NodeConnection implements Closeable {

    private static final int BUFFER_BYTES = 4096;
    private static final int MOST_HEAD_BYTES = 16 << 10;
    private static final int MOST_LINE_BYTES = 4096;

    private final NodeAddress address;
    private final Socket socket = new Socket();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private final Optional<NodeTls> tls;
    private InputStream in;
    private OutputStream out;
    private byte[] payload = new byte[256];

    private boolean heard;
    private boolean chunked;
    private boolean keepAlive;
    private long left;
    private boolean ended = true;

    NodeConnection(NodeAddress address, NodeOptions options) {
        this.address = address;
        this.tls = options.tls();
    }

    void open(Duration atMost) throws IOException {
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        socket.connect(
                new InetSocketAddress(address.host(), address.port()), (int) atMost.toMillis());
        Socket spoken = tls.isPresent() ? tls.get().over(socket, address, atMost) : socket;
        in = spoken.getInputStream();
        out = spoken.getOutputStream();
    }

    /** Sends a request, after whose answer there may be another one. */
    void post(String path, Optional<String> key, byte[] body) throws IOException {
        String head =
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: "
                        + address
                        + "\r\nContent-Type: "
                        + NodeProtocol.MEDIA_TYPE
                        + key.map(secret -> "\r\nAuthorization: Bearer " + secret).orElse("")
                        + "\r\nContent-Length: "
                        + body.length
                        + "\r\n\r\n";
        byte[] ascii = head.getBytes(StandardCharsets.ISO_8859_1);
        byte[] bytes = Arrays.copyOf(ascii, ascii.length + body.length);
        System.arraycopy(body, 0, bytes, ascii.length, body.length);
        heard = false;
        out.write(bytes);
    }

    /** Whether anything of the answer to the last request came. */
    boolean hasHeard() {
        return heard;
    }

    /** Whether something has come that nobody has read; any thread may ask. */
    boolean hasUnread() {
        try {
            return socket.getInputStream().available() > 0;
        } catch (IOException closed) {
            return false;
        }
    }

    /**
     * Reads the head of an answer.
     *
     * @return its status
     */
    int readHead() throws IOException, ProtocolException {
        String status = line();
        if (status.length() < 12 || !status.startsWith("HTTP/1.1 ")) {
            throw new ProtocolException("no answer in HTTP/1.1 comes from " + address);
        }
        chunked = false;
        keepAlive = true;
        left = 0;
        ended = false;
        int bytes = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            bytes += line.length();
            if (bytes > MOST_HEAD_BYTES) {
                throw new ProtocolException("the head of an answer is too long");
            }
            header(line.toLowerCase(Locale.ROOT));
        }
        ended = !chunked && left == 0;
        return number(status.substring(9, 12), 10);
    }

    private void header(String line) throws ProtocolException {
        int colon = line.indexOf(':');
        String value = line.substring(colon + 1).strip();
        switch (colon < 0 ? "" : line.substring(0, colon)) {
            case "transfer-encoding" -> chunked = value.equals("chunked");
            case "content-length" -> left = number(value, 10);
            case "connection" -> keepAlive = !value.equals("close");
            default -> {
                // Of no concern here.
            }
        }
    }

    private static int number(String text, int radix) throws ProtocolException {
        try {
            int value = Integer.parseInt(text, radix);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException wrong) {
            // Told below.
        }
        throw new ProtocolException("\"" + text + "\" is no number of HTTP's");
    }

    private String line() throws IOException, ProtocolException {
        var line = new StringBuilder(64);
        while (true) {
            int next = raw();
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
            if (line.length() > MOST_LINE_BYTES) {
                throw new ProtocolException("a line of an answer has no end");
            }
        }
    }

    private int raw() throws IOException {
        if (at == end) {
            fill();
        }
        return buffer[at++] & 0xff;
    }

    private void fill() throws IOException {
        int count = in.read(buffer, 0, buffer.length);
        if (count < 0) {
            throw new EOFException("the worker closed the connection");
        }
        heard = true;
        at = 0;
        end = count;
    }

    /**
     * Reads a frame; {@code into} reads its payload until the next call.
     *
     * @return its type; -1 at the end of the answer
     */
    int readFrame(Payload into) throws IOException, ProtocolException {
        if (!hasBody()) {
            return -1;
        }
        read(0, NodeProtocol.FRAME_HEADER);
        into.over(payload, 0, NodeProtocol.FRAME_HEADER);
        int length = into.getCount(NodeProtocol.MAX_FRAME, "bytes of a frame");
        int type = into.getByte();
        // Memory grows with what comes, not with what is said to come.
        for (int done = 0; done < length; ) {
            int piece = Math.min(length - done, Math.max(BUFFER_BYTES, done));
            read(done, piece);
            done += piece;
        }
        into.over(payload, 0, length);
        return type;
    }

    private void read(int offset, int count) throws IOException, ProtocolException {
        if (offset + count > payload.length) {
            payload = Arrays.copyOf(payload, Math.max(offset + count, 2 * payload.length));
        }
        int done = 0;
        while (done < count) {
            if (!hasBody()) {
                throw new ProtocolException("an answer ends within a frame");
            }
            if (at == end) {
                fill();
            }
            int piece = (int) Math.min(Math.min(count - done, end - at), left);
            System.arraycopy(buffer, at, payload, offset + done, piece);
            at += piece;
            left -= piece;
            done += piece;
        }
    }

    /** Whether more of the body follows; waits for the next chunk's beginning. */
    private boolean hasBody() throws IOException, ProtocolException {
        if (ended || left > 0) {
            return !ended;
        }
        if (!chunked) {
            ended = true;
            return false;
        }
        String size = line();
        if (size.isEmpty()) {
            // The end of the chunk before.
            size = line();
        }
        int extension = size.indexOf(';');
        left = number(extension < 0 ? size : size.substring(0, extension), 16);
        if (left == 0) {
            while (!line().isEmpty()) {
                // Trailers say nothing here.
            }
            ended = true;
        }
        return !ended;
    }

    /** The beginning of a body that is no answer of the protocol's, for people. */
    String readText() throws IOException, ProtocolException {
        int length = 0;
        while (length < 512 && hasBody()) {
            int piece = (int) Math.min(left, 512 - length);
            read(length, piece);
            length += piece;
        }
        return new String(payload, 0, length, StandardCharsets.UTF_8);
    }

    /** Reads to the end of the answer, which must be here: whether another request may follow. */
    boolean canBeReused() throws IOException, ProtocolException {
        return !hasBody() && keepAlive;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            // Then it is closed.
        }
    }
}
