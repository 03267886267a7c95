package dev.cairn.distribution.bench.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on loopback that answers each request with the next of its answers, byte for byte.
 * Connections stay open unless an answer is {@link #HANG_UP}.
 */
public final class ScriptedServer implements AutoCloseable {

    /** Closes the connection instead of an answer. */
    public static final String HANG_UP = "";

    private final ServerSocket listener;
    private final List<String> answers;
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();

    private ScriptedServer(List<String> answers) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.answers = answers;
        Thread.ofVirtual().start(this::accept);
    }

    public static ScriptedServer answering(String... answers) throws IOException {
        return new ScriptedServer(new ArrayList<>(List.of(answers)));
    }

    /** A stream of these events, chunked, without an end of its own. */
    public static String events(String... events) {
        StringBuilder out =
                new StringBuilder("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (String event : events) {
            String data = "data: " + event + "\n\n";
            int length = data.getBytes(StandardCharsets.UTF_8).length;
            out.append(Integer.toHexString(length)).append("\r\n").append(data).append("\r\n");
        }
        return out.toString();
    }

    /** The end of a chunked body. */
    public static String end() {
        return "0\r\n\r\n";
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** The bodies of all requests so far. */
    public List<String> bodies() {
        return List.copyOf(bodies);
    }

    public int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.ISO_8859_1));
            while (readRequest(in)) {
                String answer = answers.get(asked.getAndIncrement());
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                if (answer.equals(HANG_UP)) {
                    return;
                }
            }
        } catch (IOException gone) {
            // The client has closed.
        }
    }

    private boolean readRequest(BufferedReader in) throws IOException {
        int length = 0;
        String line = in.readLine();
        for (; line != null && !line.isEmpty(); line = in.readLine()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        StringBuilder body = new StringBuilder(length);
        while (body.length() < length) {
            body.append((char) in.read());
        }
        if (line != null) {
            bodies.add(body.toString());
        }
        return line != null;
    }
}
