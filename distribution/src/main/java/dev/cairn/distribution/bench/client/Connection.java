package dev.cairn.distribution.bench.client;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/** One connection to a server, for one request after the other. One thread; any may close it. */
final class Connection implements Closeable {

    private static final int CONNECT_MILLIS = 10_000;
    private static final int MOST_HEADERS = 256;

    private final Socket socket;
    private final OutputStream out;
    private final WireInput in;
    private final String host;
    private boolean used;

    private Connection(Socket socket, String host) throws IOException {
        this.socket = socket;
        this.host = host;
        this.out = new BufferedOutputStream(socket.getOutputStream(), 16 << 10);
        this.in = new WireInput(socket.getInputStream(), System::nanoTime);
    }

    /**
     * @param patience longest silence of the server within an answer
     */
    static Connection open(URI server, Duration patience) throws IOException {
        boolean tls = "https".equals(server.getScheme());
        int port = server.getPort() >= 0 ? server.getPort() : tls ? 443 : 80;
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(server.getHost(), port), CONNECT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, patience.toMillis()));
            Socket spoken =
                    tls
                            ? ((SSLSocketFactory) SSLSocketFactory.getDefault())
                                    .createSocket(socket, server.getHost(), port, true)
                            : socket;
            return new Connection(spoken, server.getHost() + ":" + port);
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }

    /** Whether a request was sent on it before: then the server may have closed it meanwhile. */
    boolean used() {
        return used;
    }

    /** Sends a request whole and reads the head of its answer. */
    Head send(
            String method,
            String path,
            Optional<String> apiKey,
            Map<String, String> headers,
            byte[] body)
            throws IOException {
        StringBuilder head = new StringBuilder(256);
        head.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: ").append(host);
        apiKey.ifPresent(key -> head.append("\r\nAuthorization: Bearer ").append(key));
        headers.forEach(
                (name, value) -> head.append("\r\n").append(name).append(": ").append(value));
        if (method.equals("POST")) {
            head.append("\r\nContent-Type: application/json\r\nContent-Length: ")
                    .append(body.length);
        }
        head.append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.UTF_8));
        out.write(body);
        out.flush();
        Head answer = readHead();
        used = true;
        return answer;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private Head readHead() throws IOException {
        String status = in.line();
        String[] parts = status.split(" ", 3);
        if (!status.startsWith("HTTP/1.") || parts.length < 2 || !parts[1].matches("[1-5]\\d\\d")) {
            throw new IOException("\"" + status + "\" is no answer of HTTP/1.1");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = in.line(); !line.isEmpty(); line = in.line()) {
            int colon = line.indexOf(':');
            if (colon > 0 && headers.size() < MOST_HEADERS) {
                headers.put(
                        line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        int code = Integer.parseInt(parts[1]);
        return code < 200 ? readHead() : new Head(code, headers, body(headers));
    }

    private Body body(Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "")
                .toLowerCase(Locale.ROOT)
                .endsWith("chunked")) {
            return Body.chunked(in);
        }
        String length = headers.get("content-length");
        if (length == null) {
            return Body.untilClose(in);
        }
        try {
            return Body.ofLength(in, Long.parseUnsignedLong(length));
        } catch (NumberFormatException none) {
            throw new IOException("\"" + length + "\" is no length of an answer", none);
        }
    }

    /**
     * Status and headers of an answer.
     *
     * @param headers by lower-case name
     */
    record Head(int status, Map<String, String> headers, Body body) {

        boolean keepsOpen() {
            return body.leavesConnectionOpen()
                    && !"close".equalsIgnoreCase(headers.getOrDefault("connection", ""));
        }
    }
}
