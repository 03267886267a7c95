package dev.cairn.relaying;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An engine with an OpenAI API and no model: it answers what it is told to, can be killed, and
 * comes back at its port. Threads: any.
 */
final class SmallEngine implements AutoCloseable {

    private static final String CHAT =
            "{\"id\":\"c\",\"object\":\"chat.completion\",\"model\":\"m\",\"by\":\"%s\"}";

    private final String name;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger gone = new AtomicInteger();
    private final Semaphore events = new Semaphore(0);
    private volatile Answering answering;
    private volatile ServerSocket listening;
    private int port;

    /** Writes an answer, the head included. */
    interface Answering {

        void answer(String body, OutputStream out) throws IOException;
    }

    SmallEngine(String name) {
        this.name = name;
        this.answering = json(200, CHAT.formatted(name));
        start();
    }

    /** Listens; at the same port as before, if there was one. */
    void start() {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 512);
            port = socket.getLocalPort();
            listening = socket;
            Thread.ofVirtual().name("engine-" + name).start(() -> accept(socket));
        } catch (IOException taken) {
            throw new UncheckedIOException(taken);
        }
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    /** Bodies of the requests that came, probes aside. */
    List<String> bodies() {
        return bodies;
    }

    List<String> heads() {
        return heads;
    }

    /** Connections that ended while an answer was being written. */
    int gone() {
        return gone.get();
    }

    void answers(Answering next) {
        answering = next;
    }

    static Answering json(int status, String body) {
        return (asked, out) ->
                out.write(
                        ("HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                                        .formatted(
                                                status,
                                                body.getBytes(StandardCharsets.UTF_8).length,
                                                body))
                                .getBytes(StandardCharsets.UTF_8));
    }

    /** Says nothing until {@link #letGo}. */
    Answering silent() {
        return (asked, out) -> {
            events.acquireUninterruptibly();
            json(200, CHAT.formatted(name)).answer(asked, out);
        };
    }

    /** Events, each once {@link #letGo} lets it go. */
    Answering eventStream(int count) {
        return (asked, out) -> {
            out.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                            .getBytes(StandardCharsets.UTF_8));
            out.flush();
            for (int i = 0; i < count; i++) {
                events.acquireUninterruptibly();
                chunk("data: {\"by\":\"" + name + "\",\"i\":" + i + "}\n\n", out);
            }
            chunk("data: [DONE]\n\n", out);
            out.write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        };
    }

    private static void chunk(String text, OutputStream out) throws IOException {
        out.write(
                (Integer.toHexString(text.length()) + "\r\n" + text + "\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    void letGo(int count) {
        events.release(count);
    }

    /** What {@code kill -9} does: the port closes, connections break. */
    void kill() {
        try {
            listening.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        connections.forEach(SmallEngine::reset);
        connections.clear();
        events.release(10_000);
        events.drainPermits();
    }

    private static void reset(Socket connection) {
        try (connection) {
            connection.setSoLinger(true, 0);
        } catch (IOException _) {
            // Its own thread was just done with it.
        }
    }

    @Override
    public void close() {
        kill();
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Socket connection = socket.accept();
                connections.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException closed) {
            // Killed.
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(connection.getInputStream());
            OutputStream out = new BufferedOutputStream(connection.getOutputStream());
            String head = head(in);
            while (head != null) {
                if (!one(head, in, out)) {
                    return;
                }
                head = head(in);
            }
        } catch (IOException broken) {
            // The test killed it, or its client went away.
        } finally {
            connections.remove(connection);
        }
    }

    private boolean one(String head, InputStream in, OutputStream out) throws IOException {
        String body = new String(in.readNBytes(length(head)), StandardCharsets.UTF_8);
        if (head.startsWith("GET /v1/models ")) {
            json(200, "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\"}]}")
                    .answer(body, out);
        } else if (head.startsWith("GET ")) {
            json(200, "{}").answer(body, out);
        } else {
            heads.add(head);
            bodies.add(body);
            try {
                answering.answer(body, out);
                out.flush();
            } catch (IOException broken) {
                gone.incrementAndGet();
                throw broken;
            }
        }
        out.flush();
        return !head.contains("Connection: close");
    }

    private static int length(String head) {
        for (String line : head.split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                return Integer.parseInt(line.substring(15).strip());
            }
        }
        return 0;
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int one = in.read(); one >= 0; one = in.read()) {
            head.append((char) one);
            if (one == '\n' && head.toString().endsWith("\r\n\r\n")) {
                return head.toString();
            }
        }
        return null;
    }
}
