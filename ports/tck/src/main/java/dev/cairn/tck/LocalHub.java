package dev.cairn.tck;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A hub on this machine: one repository, its large files on a second server as the real one keeps
 * them, and what can go wrong.
 */
public final class LocalHub implements AutoCloseable {

    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final int LARGE = 10_000;

    private final HttpServer front;
    private final HttpServer store;
    private final Map<String, byte[]> files = new TreeMap<>();
    private final Map<String, byte[]> served = new ConcurrentHashMap<>();

    /** {@code METHOD PATH RANGE} of every request, in the order they came. */
    public final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();

    /** Tokens that the second server was shown. */
    public final ConcurrentLinkedQueue<String> leaked = new ConcurrentLinkedQueue<>();

    /** Answers that are still to be cut after this many bytes. */
    public final AtomicInteger cuts = new AtomicInteger();

    /** Requests that are still to be answered with 503. */
    public final AtomicInteger failures = new AtomicInteger();

    private volatile CountDownLatch gate = new CountDownLatch(0);

    public volatile int cutAfter = 5_000;
    public volatile boolean ranges = true;
    public volatile boolean describes = true;
    public volatile Optional<String> wanted = Optional.empty();

    public LocalHub() throws IOException {
        front = server(this::front);
        store = server(this::store);
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private static HttpServer server(Handler handler) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        handler.handle(exchange);
                    }
                });
        server.start();
        return server;
    }

    public LocalHub with(String path, byte[] content) {
        files.put(path, content);
        served.put(path, content);
        return this;
    }

    public LocalHub with(String path, String content) {
        return with(path, content.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] content(String path) {
        return files.get(path);
    }

    /** What is sent in the place of a file's content. */
    public void serves(String path, byte[] content) {
        served.put(path, content);
    }

    /** Large files are sent no further until {@link #release}. */
    public void hold() {
        gate = new CountDownLatch(1);
    }

    public void release() {
        gate.countDown();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + front.getAddress().getPort();
    }

    public List<String> requestsOf(String path) {
        List<String> found = new ArrayList<>();
        for (String request : requests) {
            if (request.contains(path)) {
                found.add(request);
            }
        }
        return found;
    }

    @Override
    public void close() {
        release();
        front.stop(0);
        store.stop(0);
    }

    private void front(HttpExchange exchange) throws IOException {
        String path = note(exchange);
        String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            answer(exchange, 503, "busy");
        } else if (wanted.isPresent() && !shown.equals("Bearer " + wanted.get())) {
            exchange.getResponseHeaders().add("X-Error-Code", "GatedRepo");
            answer(exchange, 403, "gated");
        } else if (path.startsWith("/api/models/org/tiny/revision/")) {
            list(exchange, path.substring("/api/models/org/tiny/revision/".length()));
        } else if (path.startsWith("/org/tiny/resolve/" + COMMIT + "/")) {
            resolve(exchange, path.substring(("/org/tiny/resolve/" + COMMIT + "/").length()));
        } else {
            exchange.getResponseHeaders().add("X-Error-Code", "RepoNotFound");
            answer(exchange, 401, "Repository not found");
        }
    }

    private String note(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        requests.add(
                "%s %s %s"
                        .formatted(
                                exchange.getRequestMethod(),
                                path,
                                exchange.getRequestHeaders().getFirst("Range")));
        return path;
    }

    private void list(HttpExchange exchange, String revision) throws IOException {
        if (!List.of("main", "v1", "feature/x", COMMIT).contains(revision)) {
            exchange.getResponseHeaders().add("X-Error-Code", "RevisionNotFound");
            answer(exchange, 404, "no revision");
            return;
        }
        String siblings =
                files.entrySet().stream()
                        .map(file -> sibling(file.getKey(), file.getValue()))
                        .collect(Collectors.joining(","));
        answer(
                exchange,
                200,
                "{\"id\":\"org/tiny\",\"sha\":\"%s\",\"siblings\":[%s]}"
                        .formatted(COMMIT, siblings));
    }

    private String sibling(String path, byte[] content) {
        if (!describes) {
            return "{\"rfilename\":\"%s\"}".formatted(path);
        }
        return content.length < LARGE
                ? "{\"rfilename\":\"%s\",\"size\":%d,\"blobId\":\"%s\"}"
                        .formatted(path, content.length, tag(content))
                : "{\"rfilename\":\"%s\",\"size\":%d,\"blobId\":\"%s\",\"lfs\":{\"sha256\":\"%s\",\"size\":%d}}"
                        .formatted(
                                path, content.length, "0".repeat(40), tag(content), content.length);
    }

    private void resolve(HttpExchange exchange, String path) throws IOException {
        byte[] content = files.get(path);
        if (content == null) {
            exchange.getResponseHeaders().add("X-Error-Code", "EntryNotFound");
            answer(exchange, 404, "no entry");
            return;
        }
        exchange.getResponseHeaders().add("X-Repo-Commit", COMMIT);
        if (content.length >= LARGE) {
            exchange.getResponseHeaders().add("X-Linked-Size", "" + content.length);
            exchange.getResponseHeaders().add("X-Linked-ETag", "\"" + tag(content) + "\"");
            exchange.getResponseHeaders()
                    .add(
                            "Location",
                            "http://127.0.0.1:%d/%s?signed=1"
                                    .formatted(store.getAddress().getPort(), path));
            exchange.sendResponseHeaders(302, -1);
        } else {
            exchange.getResponseHeaders().add("ETag", "\"" + tag(content) + "\"");
            send(exchange, served.get(path));
        }
    }

    private void store(HttpExchange exchange) throws IOException {
        String path = note(exchange);
        String token = exchange.getRequestHeaders().getFirst("Authorization");
        if (token != null) {
            leaked.add(token);
        }
        try {
            gate.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return;
        }
        send(exchange, served.get(path.substring(1)));
    }

    private void send(HttpExchange exchange, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int begin =
                range == null || !ranges
                        ? 0
                        : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
        if (begin > 0) {
            exchange.getResponseHeaders()
                    .add(
                            "Content-Range",
                            "bytes %d-%d/%d".formatted(begin, content.length - 1, content.length));
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().add("Content-Length", "" + content.length);
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        int length = content.length - begin;
        exchange.sendResponseHeaders(begin > 0 ? 206 : 200, length);
        boolean cut =
                content.length >= LARGE && cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        OutputStream out = exchange.getResponseBody();
        out.write(content, begin, cut ? Math.min(cutAfter, length) : length);
        out.flush();
        if (!cut) {
            out.close();
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** As the hub names contents. */
    public static String tag(byte[] content) {
        try {
            if (content.length >= LARGE) {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
            }
            MessageDigest git = MessageDigest.getInstance("SHA-1");
            git.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(git.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
