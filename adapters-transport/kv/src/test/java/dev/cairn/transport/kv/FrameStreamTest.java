package dev.cairn.transport.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames come out as they went in, one after the other, or not at all. */
final class FrameStreamTest {

    @Test
    void framesComeOutAsTheyWentIn() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<byte[]> written = new ArrayList<>();
        byte[] stream = frames(random, 200, written);
        var reader = new FrameReader(new Bytes(stream), Wire.TALK_BYTES);
        for (int i = 0; i < 200; i++) {
            Frame frame = reader.next();
            assertThat(frame.request).as("seed %d", seed).isEqualTo(i);
            byte[] body = new byte[reader.body().remaining()];
            reader.body().get(body);
            byte[] payload = new byte[frame.payloadBytes];
            ByteBuffer direct = ByteBuffer.allocateDirect(payload.length);
            reader.payload(direct);
            direct.flip().get(payload);
            assertThat(body).as("seed %d", seed).isEqualTo(written.get(2 * i));
            assertThat(payload).as("seed %d", seed).isEqualTo(written.get(2 * i + 1));
        }
    }

    @Test
    void aFrameThatIsMissingOrComesTwiceIsNoticed() throws IOException {
        byte[] first = frame(FrameType.PING);
        assertThatThrownBy(() -> readTwo(first, first)).isInstanceOf(ProtocolException.class);
        byte[] two = twoFrames();
        byte[] second = Arrays.copyOfRange(two, Frame.HEADER_BYTES, two.length);
        assertThatThrownBy(() -> readTwo(second)).isInstanceOf(ProtocolException.class);
        readTwo(two);
    }

    @Test
    void lengthsAreHeldAgainstBoundsBeforeAnythingIsRead() {
        for (FrameType type : FrameType.values()) {
            for (int length : new int[] {-1, 1, 3, type.mostBodyBytes() + 5, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> read(header(type, length, 0)))
                        .as("%s with a body of %d", type, length)
                        .isInstanceOf(ProtocolException.class);
            }
            for (int length : new int[] {-1, Integer.MIN_VALUE}) {
                assertThatThrownBy(() -> read(header(type, 0, length)))
                        .isInstanceOf(ProtocolException.class);
            }
            if (type != FrameType.DATA) {
                assertThatThrownBy(() -> read(header(type, 0, 1)))
                        .isInstanceOf(ProtocolException.class);
            }
        }
    }

    private static byte[] header(FrameType type, int bodyBytes, int payloadBytes) {
        Frame frame = new Frame();
        frame.type = type;
        frame.bodyBytes = bodyBytes;
        frame.payloadBytes = payloadBytes;
        ByteBuffer buffer = little(Frame.HEADER_BYTES);
        frame.encode(buffer);
        byte[] bytes = new byte[Frame.HEADER_BYTES];
        buffer.flip().get(bytes);
        return bytes;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    }

    private static void read(byte[] stream) throws IOException {
        new FrameReader(new Bytes(stream), FrameType.PULL.mostBodyBytes()).next();
    }

    private static void readTwo(byte[]... streams) throws IOException {
        var all = new ByteArrayOutputStream();
        for (byte[] stream : streams) {
            all.write(stream);
        }
        var reader = new FrameReader(new Bytes(all.toByteArray()), 0);
        reader.next();
        reader.next();
    }

    private static byte[] frame(FrameType type) throws IOException {
        var out = new ByteArrayOutputStream();
        var writer = new FrameWriter((parts, count) -> append(parts, count, out));
        writer.add(type, 0, 0, 0, 0);
        writer.flush();
        return out.toByteArray();
    }

    private static byte[] twoFrames() throws IOException {
        var out = new ByteArrayOutputStream();
        var writer = new FrameWriter((parts, count) -> append(parts, count, out));
        writer.add(FrameType.PING, 0, 0, 0, 0);
        writer.add(FrameType.PING, 0, 0, 0, 0);
        writer.flush();
        return out.toByteArray();
    }

    /** DATA frames with random bodies and payloads, flushed now and then. */
    private static byte[] frames(Random random, int count, List<byte[]> written)
            throws IOException {
        var out = new ByteArrayOutputStream();
        var writer = new FrameWriter((parts, parted) -> append(parts, parted, out));
        for (int i = 0; i < count; i++) {
            byte[] body = bytes(random, random.nextInt(512));
            byte[] payload = bytes(random, random.nextInt(5000));
            writer.begin(FrameType.DATA, i, random.nextInt(), random.nextInt(), 3).put(body);
            ByteBuffer direct = ByteBuffer.allocateDirect(payload.length).put(payload).flip();
            writer.end(payload.length == 0 ? null : direct);
            written.addAll(List.of(body, payload));
            if (random.nextInt(4) == 0 || !writer.hasRoom(512)) {
                writer.flush();
            }
        }
        writer.flush();
        return out.toByteArray();
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void append(ByteBuffer[] parts, int count, ByteArrayOutputStream out) {
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[parts[i].remaining()];
            parts[i].get(bytes);
            out.writeBytes(bytes);
        }
    }

    /** A stream that lies in memory. */
    private static final class Bytes implements ByteSource {

        private final ByteBuffer bytes;

        Bytes(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
        }

        @Override
        public void read(ByteBuffer target, int ahead) throws IOException {
            if (target.remaining() > bytes.remaining()) {
                throw new EOFException("the stream is over");
            }
            int end = bytes.limit();
            bytes.limit(bytes.position() + target.remaining());
            target.put(bytes);
            bytes.limit(end);
        }
    }
}
