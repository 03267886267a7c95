package dev.cairn.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.remote.BodyFraming.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a body ends, however it is cut. */
class BodyFramingTest {

    private static final String CHUNKS =
            "5\r\nhello\r\n0000a;x=y\r\n, 0\r\n\r\nwor\r\n2 \r\nld\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n";

    @Test
    void chunksAreFollowedOverEveryCut() {
        byte[] all = (CHUNKS + "next").getBytes(StandardCharsets.US_ASCII);
        for (int first = 0; first < all.length; first++) {
            for (int second = first; second < all.length; second++) {
                BodyFraming framing = new BodyFraming(Kind.CHUNKED, 0);
                StringBuilder text = new StringBuilder();
                int end = feed(framing, all, 0, first, text);
                end = end >= 0 ? end : feed(framing, all, first, second, text);
                end = end >= 0 ? end : feed(framing, all, second, all.length, text);
                assertThat(end).as("cuts at %d and %d", first, second).isEqualTo(CHUNKS.length());
                assertThat(text.toString()).isEqualTo("hello, 0\r\n\r\nworld");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\n",
                "\r\n",
                "5\nhello",
                "5\r\nhelloX",
                "5\r\nhello\rX",
                "fffffffffffffffff\r\n",
                "0\r\n\rX",
                "-5\r\n"
            })
    void chunksThatAreNoneAreRefused(String text) {
        BodyFraming framing = new BodyFraming(Kind.CHUNKED, 0);
        ByteBuffer data = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> framing.end(data, null))
                .isInstanceOf(BodyFraming.BadFraming.class);
    }

    @Test
    void aLengthIsKept() {
        BodyFraming framing = new BodyFraming(Kind.LENGTH, 7);
        byte[] all = "hello, world".getBytes(StandardCharsets.US_ASCII);
        StringBuilder text = new StringBuilder();
        assertThat(feed(framing, all, 0, 5, text)).isNegative();
        assertThat(feed(framing, all, 5, all.length, text)).isEqualTo(7);
        assertThat(text.toString()).isEqualTo("hello, ");
    }

    private static int feed(BodyFraming framing, byte[] all, int from, int to, StringBuilder text) {
        ByteBuffer data = ByteBuffer.wrap(all, from, to - from);
        return framing.end(
                data,
                part -> {
                    while (part.hasRemaining()) {
                        text.append((char) part.get());
                    }
                });
    }
}
