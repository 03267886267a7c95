package dev.cairn.distribution.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EventReaderTest {

    private static final String STREAM =
            """
            data: {"a":"ü€𝄞"}

            : a comment
            event: message
            data:no blank
            id: 7

            data: first
            data: second
            data

            data: [DONE]

            data: what no empty line follows
            """;
    private static final List<String> EVENTS =
            List.of("{\"a\":\"ü€𝄞\"}", "no blank", "first\nsecond\n", "[DONE]");

    static IntStream pieces() {
        return IntStream.rangeClosed(1, 80);
    }

    @ParameterizedTest
    @MethodSource("pieces")
    void theSameEventsHoweverTheBytesAreCut(int piece) throws IOException {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        assertThat(read(Body.untilClose(wire(bytes, piece)))).isEqualTo(EVENTS);
        assertThat(read(Body.ofLength(wire(bytes, piece), bytes.length))).isEqualTo(EVENTS);
    }

    @ParameterizedTest
    @MethodSource("pieces")
    void theSameEventsHoweverTheServerChunksThem(int piece) throws IOException {
        Random random = new Random(piece);
        byte[] framed = chunked(STREAM.getBytes(StandardCharsets.UTF_8), random);
        assertThat(read(Body.chunked(wire(framed, piece)))).isEqualTo(EVENTS);
    }

    @ParameterizedTest
    @CsvSource({"'\r\n'", "'\r'", "'\n'"})
    void everyLineEndOfTheStandardCounts(String lineEnd) throws IOException {
        byte[] bytes = STREAM.replace("\n", lineEnd).getBytes(StandardCharsets.UTF_8);
        for (int piece = 1; piece <= 8; piece++) {
            assertThat(read(Body.untilClose(wire(bytes, piece)))).isEqualTo(EVENTS);
        }
    }

    @Test
    void anEventIsTimedByItsLastByte() throws IOException {
        AtomicLong clock = new AtomicLong();
        byte[] bytes = "data: a\n\ndata: b\n\n".getBytes(StandardCharsets.UTF_8);
        WireInput wire = new WireInput(new CutStream(bytes, 6), clock::incrementAndGet);
        EventReader events = new EventReader(Body.untilClose(wire));

        // Pieces: "data: ", "a\n\ndat", "a: b\n\n".
        events.next();
        assertThat(events.arrivedNanos()).isEqualTo(2);
        events.next();
        assertThat(events.arrivedNanos()).isEqualTo(3);
    }

    @Test
    void aBodyThatEndsEarlyIsNoEnd() {
        byte[] bytes = "5\r\ndata:\r\n5\r\n x".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> read(Body.chunked(wire(bytes, 3))))
                .isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> read(Body.ofLength(wire(bytes, 3), 1000)))
                .isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @CsvSource({"zz", "-5", "''", "ffffffffffffffffff"})
    void aChunkWithoutSizeIsRefused(String size) {
        byte[] bytes = (size + "\r\ndata: x\n\n\r\n0\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> read(Body.chunked(wire(bytes, 5))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no size of a chunk");
    }

    private static byte[] chunked(byte[] bytes, Random random) throws IOException {
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        for (int at = 0; at < bytes.length; ) {
            int size = Math.min(1 + random.nextInt(20), bytes.length - at);
            String head = Integer.toHexString(size) + (random.nextBoolean() ? ";x=y" : "") + "\r\n";
            framed.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
            framed.write(bytes, at, size);
            framed.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            at += size;
        }
        framed.writeBytes("0\r\nTrailer: t\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return framed.toByteArray();
    }

    private static WireInput wire(byte[] bytes, int piece) {
        return new WireInput(new CutStream(bytes, piece), () -> 0);
    }

    private static List<String> read(Body body) throws IOException {
        EventReader reader = new EventReader(body);
        List<String> events = new ArrayList<>();
        for (String event = reader.next(); event != null; event = reader.next()) {
            events.add(event);
        }
        return events;
    }
}
