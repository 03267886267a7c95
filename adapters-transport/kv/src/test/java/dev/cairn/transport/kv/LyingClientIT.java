package dev.cairn.transport.kv;

import static dev.cairn.tck.LentBlocks.KIND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.tck.LentBlocks;
import dev.cairn.tck.Outcomes;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A peer that pulls and lies, stalls or sends garbage loses its connection, whatever it was lent
 * comes back, and others are served as before.
 */
@ExtendWith(QuietLog.class)
final class LyingClientIT {

    private static final Duration SHORT = Duration.ofMillis(400);

    private final LentBlocks blocks = new LentBlocks();
    private KvTransport server;

    @BeforeEach
    void serve() {
        for (int i = 0; i < 40; i++) {
            blocks.add(KIND, i);
        }
        server = TestTransports.open(TestTransports.patient(false, SHORT, SHORT));
        server.serve(blocks);
    }

    @AfterEach
    void others() {
        BlockRead read = LentBlocks.read(KIND, 3);
        try (KvTransport client = TestTransports.open(TestTransports.options(false))) {
            assertThat(new Outcomes().pullAll(client, server.address(), List.of(read)))
                    .containsExactly(GetOutcome.FOUND);
        }
        server.close();
        assertThat(blocks.lent()).isZero();
        blocks.close();
        read.target().close();
    }

    /** What it says after a proper greeting. */
    private interface Lie {

        void tell(FrameWriter out) throws IOException;
    }

    private static Arguments lie(String name, Lie lie) {
        return Arguments.of(name, lie);
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                lie("asks before it says which kind", out -> pull(out, 0, 0, 1, 1)),
                lie("opens a kind out of order", out -> open(out, 5)),
                lie("opens a kind with a negative number", out -> open(out, -1)),
                lie("asks for a kind out of range", opened(out -> pull(out, 0, 1, 1, 1))),
                lie("asks for no blocks", opened(out -> pull(out, 0, 0, 0, 0))),
                lie("asks for more than it names", opened(out -> pull(out, 0, 0, 9, 1))),
                lie("asks for fewer than it names", opened(out -> pull(out, 0, 0, 1, 2))),
                lie("leaves a number out", opened(out -> pull(out, 1, 0, 1, 1))),
                lie("asks for layers out of range", opened(out -> pull(out, 0, 0, 3, 2, 1, 1))),
                lie(
                        "asks for layers before the first",
                        opened(out -> pull(out, 0, 0, -1, 2, 1, 1))),
                lie("asks for no layers", opened(out -> pull(out, 0, 0, 0, 0, 1, 1))),
                lie("grants too much", opened(LyingClientIT::grantsTooMuch)),
                lie("grants nothing", out -> out.add(FrameType.CREDIT, 0, 0, 0, 0)),
                lie("sends blocks", opened(out -> out.add(FrameType.DATA, 0, 0, 0, 0))),
                lie("greets twice", out -> out.add(FrameType.HELLO, 0, 0, 0, 0)),
                lie("opens what is no kind", LyingClientIT::opensNonsense),
                lie("opens layers without end", LyingClientIT::opensHugeLayout));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void aLieEndsTheConnection(String name, Lie lie) throws IOException {
        try (SocketChannel socket = connect()) {
            Session session = FakeServer.handshake().pulling(new SocketPipe(socket));
            lie.tell(session.answers());
            session.answers().flush();
            awaitEnd(socket);
        }
    }

    static Stream<Arguments> silences() {
        return Stream.of(
                lie("asks nothing and does not ping", out -> {}),
                lie("takes nothing", opened(out -> pull(out, 0, 0, 40, 40))));
    }

    /** The second one asks for more than sockets hold and than its credit lets through. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("silences")
    void whoStallsIsGivenUp(String name, Lie lie) throws IOException {
        try (SocketChannel socket = connect()) {
            Session session = FakeServer.handshake().pulling(new SocketPipe(socket));
            lie.tell(session.answers());
            session.answers().flush();
            while (blocks.lent() > 0) {
                Thread.onSpinWait();
            }
            awaitEnd(socket);
        }
    }

    static Stream<Integer> seeds() {
        return Stream.iterate(1, i -> i + 1).limit(TestSize.pick(20, 2000));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void garbageEndsTheConnection(int seed) throws IOException {
        Random random = new Random(seed);
        byte[] garbage = new byte[random.nextInt(1, 4096)];
        random.nextBytes(garbage);
        try (SocketChannel socket = connect()) {
            if (random.nextBoolean()) {
                FakeServer.handshake().pulling(new SocketPipe(socket));
            }
            socket.write(ByteBuffer.wrap(garbage));
            socket.shutdownOutput();
            awaitEnd(socket);
        }
    }

    @Test
    void whoDribblesIsGivenUp() throws IOException {
        try (SocketChannel socket = connect()) {
            Dribble.into(socket, SHORT.dividedBy(10));
        } catch (SocketException reset) {
            assertThat(reset).isNotNull();
        } catch (IOException closed) {
            assertThat(closed.getMessage()).contains("Broken pipe");
        }
    }

    /** It is alive and takes everything, but gives no credit for more. */
    @Test
    void whatIsLentToWhoGrantsNothingComesBack() throws IOException {
        Duration lease = Duration.ofMillis(300);
        try (KvTransport lending =
                TestTransports.open(
                        TestTransports.patient(
                                false, TestTransports.TIMEOUT, TestTransports.TIMEOUT, lease))) {
            lending.serve(blocks);
            try (SocketChannel socket = connect(lending)) {
                Session session = FakeServer.handshake().pulling(new SocketPipe(socket));
                opened(out -> pull(out, 0, 0, 40, 40)).tell(session.answers());
                session.answers().flush();
                int ended = 0;
                // What is lent comes back before all that is said of it has been read.
                while (ended < 2 || blocks.lent() > 0) {
                    Frame frame = session.frames().next();
                    if (frame.type == FrameType.DATA) {
                        session.frames().skipPayload();
                    } else if (frame.type == FrameType.END) {
                        assertThat(frame.layer).isEqualTo(Ending.FAILED.code());
                        ended++;
                    }
                    session.answers().add(FrameType.PING, 0, 0, 0, 0);
                    session.answers().flush();
                }
                assertThat(blocks.lent()).isZero();
            }
        }
    }

    private SocketChannel connect() throws IOException {
        return connect(server);
    }

    private static SocketChannel connect(KvTransport server) throws IOException {
        String address = server.address();
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        return SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
    }

    /** Reads until the server has closed. */
    private static void awaitEnd(SocketChannel socket) throws IOException {
        ByteBuffer anything = ByteBuffer.allocateDirect(1 << 16);
        try {
            while (socket.read(anything.clear()) >= 0) {
                // Whatever it said before.
            }
        } catch (SocketException | EOFException reset) {
            assertThat(reset).isNotNull();
        }
    }

    private static Lie opened(Lie then) {
        return out -> {
            open(out, 0);
            then.tell(out);
        };
    }

    private static void open(FrameWriter out, int number) {
        Wire.putKind(out.begin(FrameType.OPEN, number, 0, 0, 0), KIND);
        out.end(null);
    }

    private static void pull(FrameWriter out, int request, int kind, int count, int named) {
        pull(out, request, kind, 0, KIND.layout().layers(), count, named);
    }

    private static void pull(
            FrameWriter out, int request, int kind, int layer, int layers, int count, int named) {
        ByteBuffer body = out.begin(FrameType.PULL, request, kind, layer, count);
        body.putInt(layers);
        for (int i = 0; i < named; i++) {
            BlockHash hash = LentBlocks.key(KIND, i).hash();
            Wire.putHash(body, hash);
        }
        out.end(null);
    }

    private static void grantsTooMuch(FrameWriter out) {
        for (int i = 0; i < 3; i++) {
            out.add(FrameType.CREDIT, 0, Integer.MAX_VALUE, 0, 0);
        }
    }

    private static void opensNonsense(FrameWriter out) {
        out.begin(FrameType.OPEN, 0, 0, 0, 0).putShort((short) -1).putInt(3);
        out.end(null);
    }

    private static void opensHugeLayout(FrameWriter out) {
        ByteBuffer body = out.begin(FrameType.OPEN, 0, 0, 0, 0);
        Wire.putText(body, "model");
        Wire.putText(body, "identity");
        body.putInt(0).putInt(1 << 30).putInt(1 << 30).putInt(1).putInt(1);
        Wire.putText(body, "float32");
        out.end(null);
    }
}
