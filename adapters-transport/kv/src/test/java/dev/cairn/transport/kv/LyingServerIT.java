package dev.cairn.transport.kv;

import static dev.cairn.tck.LentBlocks.KIND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.tck.LentBlocks;
import dev.cairn.tck.Outcomes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A peer that is pulled from and lies, stalls or dies: its blocks end, as failed or damaged, and it
 * is avoided.
 */
@ExtendWith(QuietLog.class)
final class LyingServerIT {

    private static final int SLICE = (int) KIND.layout().sliceBytes();
    private static final int LAYERS = KIND.layout().layers();
    private static final Duration SHORT = Duration.ofMillis(400);

    static Stream<Arguments> lies() {
        return Stream.of(
                lie("opens a kind of another layout", LyingServerIT::opensAnotherLayout),
                lie("never says which kind", (in, out) -> data(out, 0, 0, 0, 1, SLICE)),
                lie("blocks out of range", afterOpen(out -> data(out, 0, 2, 0, 1, SLICE))),
                lie("negative block", afterOpen(out -> data(out, 0, -1, 0, 1, SLICE))),
                lie("layers out of order", afterOpen(out -> data(out, 0, 0, 1, 1, SLICE))),
                lie("negative layer", afterOpen(out -> data(out, 0, 0, -1, 1, SLICE))),
                lie("too many layers", afterOpen(out -> data(out, 0, 0, 0, LAYERS + 1, SLICE))),
                lie("no layers", afterOpen(out -> data(out, 0, 0, 0, 0, SLICE))),
                lie("a short payload", afterOpen(out -> data(out, 0, 0, 0, 1, SLICE - 1))),
                lie("a long payload", afterOpen(out -> data(out, 0, 0, 0, 1, SLICE + 64))),
                lie("a request that was not made", afterOpen(out -> data(out, 7, 0, 0, 1, SLICE))),
                lie("the same slice twice", afterOpen(LyingServerIT::sameSliceTwice)),
                lie("more than it was granted", afterOpen(LyingServerIT::moreThanGranted)),
                lie("ends blocks out of range", afterOpen(out -> end(out, 0, 1, 2, 1))),
                lie("ends blocks before the first", afterOpen(out -> end(out, 0, -1, 1, 1))),
                lie("ends no blocks", afterOpen(out -> end(out, 0, 0, 0, 1))),
                lie("ends for no known reason", afterOpen(out -> end(out, 0, 0, 2, 99))),
                lie("answers a kind twice", afterOpen(LyingServerIT::opens)),
                lie("sends a request", afterOpen(out -> only(out, FrameType.PING))),
                lie("rings a doorbell", afterOpen(out -> only(out, FrameType.DOORBELL))));
    }

    private static Arguments lie(String name, FakeServer.Lie lie) {
        return Arguments.of(name, lie);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void aLieEndsTheConnectionAndBringsNothing(String name, FakeServer.Lie lie) {
        try (FakeServer server = FakeServer.lying(lie)) {
            assertFails(server, TestTransports.TIMEOUT, TestTransports.TIMEOUT);
        }
    }

    static Stream<Arguments> silences() {
        return Stream.of(
                Arguments.of("says nothing", (FakeServer.Behaviour) socket -> {}),
                Arguments.of("closes", (FakeServer.Behaviour) socket -> socket.close()),
                Arguments.of(
                        "dribbles its greeting",
                        (FakeServer.Behaviour) socket -> Dribble.into(socket, SHORT.dividedBy(10))),
                Arguments.of("greets and stops", greeting((in, out) -> {})),
                Arguments.of("opens and stops", greeting(afterOpen(out -> {}))),
                Arguments.of(
                        "answers pings and sends no block",
                        greeting(
                                (in, out) -> {
                                    openTo(in, out);
                                    while (true) {
                                        in.next();
                                        only(out, FrameType.PONG);
                                    }
                                })),
                Arguments.of(
                        "stops within a slice",
                        greeting(afterOpen(out -> data(out, 0, 0, 0, 1, SLICE, SLICE / 2)))));
    }

    private static FakeServer.Behaviour greeting(FakeServer.Lie lie) {
        return socket -> {
            Session session = FakeServer.handshake().serving(new SocketPipe(socket));
            lie.tell(session.frames(), session.answers());
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("silences")
    void aPeerThatStallsIsGivenUp(String name, FakeServer.Behaviour behaviour) {
        try (FakeServer server = new FakeServer(behaviour)) {
            assertFails(server, SHORT, SHORT.multipliedBy(2));
        }
    }

    static Stream<Integer> seeds() {
        return Stream.iterate(1, i -> i + 1).limit(TestSize.pick(20, 2000));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void garbageEndsTheConnection(int seed) {
        try (FakeServer server =
                new FakeServer(
                        socket -> {
                            Random random = new Random(seed);
                            byte[] garbage = new byte[random.nextInt(1, 4096)];
                            random.nextBytes(garbage);
                            socket.write(ByteBuffer.wrap(garbage));
                            socket.shutdownOutput();
                        })) {
            assertFails(server, TestTransports.TIMEOUT, TestTransports.TIMEOUT);
        }
    }

    private static void assertFails(FakeServer server, Duration timeout, Duration stall) {
        List<BlockRead> reads = List.of(LentBlocks.read(KIND, 0), LentBlocks.read(KIND, 1));
        try (KvTransport client =
                TestTransports.open(TestTransports.patient(false, timeout, stall))) {
            List<GetOutcome> outcomes = new Outcomes().pullAll(client, server.address(), reads);
            assertThat(outcomes).contains(GetOutcome.FAILED).doesNotContain(GetOutcome.FOUND);
            assertThat(client.peer(server.address()).avoided()).isTrue();
        } finally {
            reads.forEach(read -> read.target().close());
        }
    }

    /** What a test does to a connection whose kind of blocks is open and whose pull has come. */
    private interface Told {

        void tell(FrameWriter out) throws IOException;
    }

    private static FakeServer.Lie afterOpen(Told told) {
        return (in, out) -> {
            openTo(in, out);
            told.tell(out);
        };
    }

    private static void openTo(FrameReader in, FrameWriter out) throws IOException {
        while (in.next().type != FrameType.PULL) {
            // OPEN comes before, perhaps a PING.
        }
        opens(out);
    }

    private static void opens(FrameWriter out) throws IOException {
        opens(out, KIND);
    }

    private static void opens(FrameWriter out, BlockKind kind) throws IOException {
        Wire.putKind(out.begin(FrameType.OPENED, 0, 0, 0, 1), kind);
        out.end(null);
        out.flush();
    }

    private static void opensAnotherLayout(FrameReader in, FrameWriter out) throws IOException {
        KvLayout swapped = new KvLayout(4, 16, 32, 4, KvType.FLOAT32);
        opens(out, new BlockKind(KIND.model(), KIND.identity(), 0, swapped));
        data(out, 0, 0, 0, 1, SLICE);
    }

    private static void data(
            FrameWriter out, int request, int block, int layer, int count, int bytes)
            throws IOException {
        data(out, request, block, layer, count, bytes, bytes);
    }

    private static void data(
            FrameWriter out, int request, int block, int layer, int count, int bytes, int sent)
            throws IOException {
        ByteBuffer payload = ByteBuffer.allocateDirect(bytes);
        ByteBuffer body = out.begin(FrameType.DATA, request, block, layer, count);
        for (int i = 0; i < count; i++) {
            body.putInt(0x5a5a);
        }
        out.end(payload);
        payload.limit(sent);
        out.flush();
    }

    private static void sameSliceTwice(FrameWriter out) throws IOException {
        ByteBuffer payload = ByteBuffer.allocateDirect(SLICE);
        for (int i = 0; i < 2; i++) {
            var crc = new java.util.zip.CRC32C();
            crc.update(payload.clear());
            out.begin(FrameType.DATA, 0, 0, 0, 1).putInt((int) crc.getValue());
            out.end(payload.clear());
            out.flush();
        }
    }

    /** To a block that has ended, where bytes are dropped but counted. */
    private static void moreThanGranted(FrameWriter out) throws IOException {
        for (int i = 0; i < 200; i++) {
            data(out, 0, 0, 0, 1, SLICE);
        }
        data(out, 0, 0, 0, 1, 1 << 21, SLICE);
    }

    private static void end(FrameWriter out, int request, int block, int count, int code)
            throws IOException {
        out.add(FrameType.END, request, block, code, count);
        out.flush();
    }

    private static void only(FrameWriter out, FrameType type) throws IOException {
        out.add(type, 0, 0, 0, 0);
        out.flush();
    }
}
