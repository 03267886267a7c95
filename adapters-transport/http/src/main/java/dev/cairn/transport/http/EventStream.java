package dev.cairn.transport.http;

import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events as OpenAI frames them: {@code data: JSON}, an empty line, and {@code data:
 * [DONE]} at the end. One thread.
 */
final class EventStream {

    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COMMENT = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;

    EventStream(OutputStream out) {
        this.out = out;
    }

    /** Writes an event; it leaves at the next {@link #flush}, or earlier. */
    void send(JsonObject event) throws IOException {
        var text = new StringBuilder(256).append("data: ");
        JsonWriter.write(event, text);
        out.write(text.append("\n\n").toString().getBytes(StandardCharsets.UTF_8));
    }

    void flush() throws IOException {
        out.flush();
    }

    /** Something that clients ignore and proxies take for life. */
    void comment() throws IOException {
        out.write(COMMENT);
        out.flush();
    }

    /** Ends the stream; nothing may follow. */
    void done() throws IOException {
        out.write(DONE);
        out.flush();
        out.close();
    }
}
