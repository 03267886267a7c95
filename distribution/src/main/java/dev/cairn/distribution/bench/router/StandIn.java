package dev.cairn.distribution.bench.router;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/**
 * An engine that answers every request at once with the same few bytes, or, where the request says
 * {@code "stream":true}, with events at a fixed pace. Threads: one per connection.
 */
final class StandIn implements AutoCloseable {

    private static final byte[] ANSWER =
            answer(
                    "{\"id\":\"c\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,"
                            + "\"message\":{\"role\":\"assistant\",\"content\":\"Paris.\"},"
                            + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":30,"
                            + "\"completion_tokens\":2,\"total_tokens\":32}}");
    private static final byte[] MODELS =
            answer("{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\"}]}");
    private static final byte[] STREAM_HEAD =
            bytes(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    private static final byte[] EVENT =
            chunk(
                    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":"
                            + "[{\"index\":0,\"delta\":{\"content\":\" token\"}}]}\n\n");
    private static final byte[] END = bytes(text(chunk("data: [DONE]\n\n")) + "0\r\n\r\n");
    private static final byte[] WANTS_EVENTS = bytes("\"stream\":true");

    /** A body says whether it wants events at its beginning. */
    private static final int LOOKED_AT = 256;

    private final ServerSocket listening;
    private final int events;
    private final Duration pace;

    /**
     * @param events of a stream
     * @param pace between two of them
     */
    StandIn(int events, Duration pace) {
        this.events = events;
        this.pace = pace;
        try {
            this.listening = new ServerSocket();
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().name("stand-in").start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    private static byte[] answer(String body) {
        return bytes(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body);
    }

    private static byte[] chunk(String data) {
        return bytes(Integer.toHexString(data.length()) + "\r\n" + data + "\r\n");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = listening.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException closed) {
            // The measurement is over.
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(connection.getInputStream(), 1 << 16);
            OutputStream out = connection.getOutputStream();
            for (String head = head(in); head != null; head = head(in)) {
                byte[] body = in.readNBytes(length(head));
                if (head.startsWith("GET ")) {
                    out.write(MODELS);
                } else if (wantsEvents(body)) {
                    stream(out);
                } else {
                    out.write(ANSWER);
                }
            }
        } catch (IOException | InterruptedException gone) {
            // Whoever asked has gone away.
        }
    }

    private void stream(OutputStream out) throws IOException, InterruptedException {
        out.write(STREAM_HEAD);
        long next = System.nanoTime();
        for (int i = 0; i < events; i++) {
            next += pace.toNanos();
            long left = next - System.nanoTime();
            if (left > 0) {
                Thread.sleep(Duration.ofNanos(left));
            }
            out.write(EVENT);
        }
        out.write(END);
    }

    private static boolean wantsEvents(byte[] body) {
        String start =
                new String(body, 0, Math.min(body.length, LOOKED_AT), StandardCharsets.US_ASCII);
        return start.contains(text(WANTS_EVENTS));
    }

    private static int length(String head) {
        int at = head.toLowerCase(Locale.ROOT).indexOf("\r\ncontent-length:");
        if (at < 0) {
            return 0;
        }
        return Integer.parseInt(head.substring(at + 17, head.indexOf('\r', at + 2)).strip());
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder(512);
        for (int one = in.read(); one >= 0; one = in.read()) {
            head.append((char) one);
            if (one == '\n' && head.length() > 3 && head.charAt(head.length() - 3) == '\n') {
                return head.toString();
            }
        }
        return null;
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
