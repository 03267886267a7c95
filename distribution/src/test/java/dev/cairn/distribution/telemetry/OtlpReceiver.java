package dev.cairn.distribution.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * A collector of spans: OTLP over HTTP in protobuf, {@code opentelemetry/proto/trace/v1}, of which
 * it reads what parents and times need.
 */
public final class OtlpReceiver implements AutoCloseable {

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private final List<Received> spans = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    public OtlpReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::collect);
        server.start();
    }

    /**
     * A span that was exported.
     *
     * @param parent empty = it is a root
     */
    public record Received(
            String trace, String id, String parent, String name, long beginNanos, long endNanos) {}

    /** For {@code cairn.telemetry.otlp.endpoint}. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** All that came of a trace until now. */
    public List<Received> spans(String trace) {
        return spans.stream().filter(span -> span.trace().equals(trace)).toList();
    }

    private void collect(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        // ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans
        each(body, 1, resource -> each(resource, 2, scope -> each(scope, 2, this::span)));
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    private static void each(byte[] message, int wanted, java.util.function.Consumer<byte[]> of) {
        fields(
                message,
                (number, value) -> {
                    if (number == wanted) {
                        of.accept(value);
                    }
                });
    }

    private void span(byte[] message) {
        String[] texts = {"", "", "", ""};
        long[] times = new long[2];
        fields(
                message,
                (number, value) -> {
                    switch (number) {
                        case 1 -> texts[0] = HexFormat.of().formatHex(value);
                        case 2 -> texts[1] = HexFormat.of().formatHex(value);
                        case 4 -> texts[2] = HexFormat.of().formatHex(value);
                        case 5 -> texts[3] = new String(value, StandardCharsets.UTF_8);
                        case 7 -> times[0] = fixed(value);
                        case 8 -> times[1] = fixed(value);
                        default -> {
                            // Of no concern here.
                        }
                    }
                });
        spans.add(new Received(texts[0], texts[1], texts[2], texts[3], times[0], times[1]));
    }

    private static long fixed(byte[] value) {
        return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Tells the fields of a message that have a length. */
    private static void fields(byte[] message, BiConsumer<Integer, byte[]> told) {
        ByteBuffer in = ByteBuffer.wrap(message);
        while (in.hasRemaining()) {
            long key = varint(in);
            int number = (int) (key >>> 3);
            switch ((int) key & 7) {
                case VARINT -> varint(in);
                case FIXED_64 -> told.accept(number, bytes(in, 8));
                case BYTES -> told.accept(number, bytes(in, (int) varint(in)));
                case FIXED_32 -> bytes(in, 4);
                default -> throw new AssertionError("no protobuf: key " + key);
            }
        }
    }

    private static byte[] bytes(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = in.get();
            value |= (long) (next & 0x7f) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
