package dev.cairn.transport.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Clock;
import dev.cairn.tck.Patience;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Client and endpoint over real sockets: what arrives, and what becomes of trouble. */
class NodeProtocolIT {

    private static final Clock CLOCK =
            new Clock() {
                @Override
                public long nanos() {
                    return System.nanoTime();
                }

                @Override
                public long epochMillis() {
                    return System.currentTimeMillis();
                }
            };

    /** Nobody is given up, however busy the machine is. */
    private static final NodeOptions OPTIONS =
            NodeOptions.defaults().withSilence(Duration.ofMillis(50), Duration.ofMinutes(2));

    /** For those of whom nothing more comes. */
    private static final NodeOptions IMPATIENT =
            NodeOptions.defaults().withSilence(Duration.ofMillis(50), Duration.ofSeconds(1));

    private final List<AutoCloseable> open = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : List.copyOf(open).reversed()) {
            each.close();
        }
    }

    private ScriptedWorker worker(NodeOptions options) {
        var worker = new ScriptedWorker(options, CLOCK, 0);
        open.add(worker);
        return worker;
    }

    private NodeClient client(NodeAddress address, NodeOptions options) {
        var client = new NodeClient(address, "m", "me", options, CLOCK, _ -> {});
        open.add(client);
        return client;
    }

    private static GenerationRequest request(String id) {
        return GenerationRequest.greedy(id, "m", new int[] {1, 2, 3}, 100, CLOCK.nanos());
    }

    private static TokenEvent token(int id) {
        return new TokenEvent.Tokens(
                0, List.of(new GeneratedToken(id, Float.NaN, 0, new int[0], new float[0])));
    }

    private static List<TokenEvent> answer(int tokens) {
        List<TokenEvent> events = new ArrayList<>();
        events.add(new TokenEvent.PromptDone(2, List.of()));
        for (int i = 0; i < tokens; i++) {
            events.add(token(i));
        }
        events.add(
                new TokenEvent.ChoiceEnded(0, FinishReason.LENGTH, new StopCause.Budget(), null));
        events.add(new TokenEvent.Ended(new Usage(3, tokens, 2, 0)));
        return events;
    }

    @Test
    void answersArriveAndConnectionsAreUsedAgain() throws Exception {
        ScriptedWorker worker = worker(OPTIONS);
        NodeClient client = client(worker.address(), OPTIONS);
        for (int i = 0; i < 50; i++) {
            var heard = new HeardEvents();
            client.generate(request("r" + i), heard);
            ScriptedWorker.Asked asked = worker.asked.take();
            assertThat(asked.request().prompt()).containsExactly(1, 2, 3);
            ScriptedWorker.answer(asked, answer(i));
            List<TokenEvent> events = heard.await();
            assertThat(events.getLast()).isEqualTo(new TokenEvent.Ended(new Usage(3, i, 2, 0)));
            int tokens = 0;
            for (TokenEvent event : events) {
                tokens += event instanceof TokenEvent.Tokens some ? some.tokens().size() : 0;
            }
            assertThat(tokens).isEqualTo(i);
        }
        assertThat(client.state().isReady()).isTrue();
    }

    @Test
    void refusalsArriveAsTheWorkerWordsThem() throws Exception {
        ScriptedWorker worker = worker(OPTIONS);
        NodeClient client = client(worker.address(), OPTIONS);
        var heard = new HeardEvents();
        client.generate(request("r"), heard);
        var problem =
                new TokenEvent.Failed(RequestProblem.invalid("top_p", "top_p must be above 0"));
        worker.asked.take().events().on(problem);
        assertThat(heard.last()).isEqualTo(problem);
    }

    @Test
    void whoCancelsIsToldAndSoIsTheWorker() throws Exception {
        ScriptedWorker worker = worker(OPTIONS);
        NodeClient client = client(worker.address(), OPTIONS);
        var heard = new HeardEvents();
        var cancellation = client.generate(request("r"), heard);
        worker.asked.take().events().on(new TokenEvent.PromptDone(0, List.of()));
        cancellation.cancel();
        assertThat(heard.last()).isInstanceOf(TokenEvent.Failed.class);
        Patience.until("the worker aborts", () -> worker.aborted.get() == 1);
        Patience.until("nothing is left", () -> worker.endpoint.live() == 0);
    }

    @Test
    void aWorkerThatDrainsInterrupts() throws Exception {
        ScriptedWorker worker = worker(OPTIONS);
        NodeClient client = client(worker.address(), OPTIONS);
        Patience.until("it is there", () -> client.state().isReady());
        var heard = new HeardEvents();
        client.generate(request("r"), heard);
        ScriptedWorker.Asked asked = worker.asked.take();
        asked.events().on(new TokenEvent.PromptDone(0, List.of()));
        asked.events().on(token(7));
        worker.endpoint.drain("it drains");
        asked.events().on(token(8));
        assertThat(heard.await()).hasSize(3);
        assertThat(heard.last()).isEqualTo(new TokenEvent.Interrupted("it drains"));
        Patience.until("that is known", () -> client.state().self().draining());
        var late = new HeardEvents();
        client.generate(request("late"), late);
        assertThat(late.last()).isInstanceOf(TokenEvent.Interrupted.class);
    }

    @Test
    void aWorkerThatLoadsItsModelsSaysSoUntilItHasThem() {
        ScriptedWorker worker = worker(OPTIONS);
        worker.starting = true;
        NodeClient client = client(worker.address(), OPTIONS);
        Patience.until("it is reached", () -> client.state().reachable());
        Patience.until("it says that it starts", () -> client.state().self().starting());
        assertThat(client.state().isReady()).isFalse();
        assertThat(client.state().self().draining()).isFalse();
        worker.starting = false;
        Patience.until("it is ready", () -> client.state().isReady());
    }

    @Test
    void aWorkerThatDiesInterruptsAndIsFoundAgain() throws Exception {
        var worker = new ScriptedWorker(OPTIONS, CLOCK, 0);
        NodeAddress address = worker.address();
        NodeClient client = client(address, OPTIONS);
        Patience.until("it is there", () -> client.state().isReady());
        var heard = new HeardEvents();
        client.generate(request("r"), heard);
        worker.asked.take().events().on(new TokenEvent.PromptDone(0, List.of()));
        worker.close();
        assertThat(heard.last()).isInstanceOf(TokenEvent.Interrupted.class);
        Patience.until("that is known", () -> !client.state().reachable());
        var refused = new HeardEvents();
        client.generate(request("refused"), refused);
        assertThat(refused.last()).isInstanceOf(TokenEvent.Interrupted.class);
        open.add(new ScriptedWorker(OPTIONS, CLOCK, address.port()));
        Patience.until("it is back", () -> client.state().isReady());
    }

    @Test
    void loadIsPushedOnChange() throws Exception {
        ScriptedWorker worker = worker(OPTIONS);
        NodeClient client = client(worker.address(), OPTIONS);
        Patience.until("the first report", () -> client.load().totalBlocks() == 100);
        worker.load(new LoadReport(3, 4, 50, 100, 999));
        Patience.until("the next", () -> client.load().equals(new LoadReport(3, 4, 50, 100, 999)));
        assertThat(client.description().maxModelLength()).isEqualTo(4096);
        assertThat(client.state().self()).isEqualTo(worker.self());
    }

    @Test
    void whatOtherRoutersBookedIsToldOnChange() {
        ScriptedWorker worker = worker(OPTIONS);
        NodeClient client = client(worker.address(), OPTIONS);
        var others = new OtherRouters(new LoadReport(3, 2, 40, 0, 1000), 1, 3);
        worker.others = others;
        Patience.until("it is told", () -> client.otherRouters().equals(others));
        worker.others = OtherRouters.NONE;
        Patience.until("it is over", () -> client.otherRouters().equals(OtherRouters.NONE));
    }

    @Test
    void withoutTheKeyNothingIsServed() throws Exception {
        ScriptedWorker worker = worker(OPTIONS.withKey("right"));
        NodeClient stranger = client(worker.address(), OPTIONS.withKey("wrong"));
        var heard = new HeardEvents();
        stranger.generate(request("r"), heard);
        assertThat(((TokenEvent.Interrupted) heard.last()).reason()).contains("401");
        NodeClient friend = client(worker.address(), OPTIONS.withKey("right"));
        Patience.until("it is there", () -> friend.state().isReady());
        assertThat(worker.asked).isEmpty();
        assertThat(stranger.state().reachable()).isFalse();
    }

    /** A port where somebody answers with given bytes, and then says nothing. */
    private NodeAddress saying(byte[] bytes, boolean closes) throws IOException {
        var socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        open.add(socket);
        Thread.ofVirtual()
                .start(
                        () -> {
                            while (!socket.isClosed()) {
                                try {
                                    Socket client = socket.accept();
                                    open.add(client);
                                    client.getOutputStream().write(bytes);
                                    if (closes) {
                                        client.shutdownOutput();
                                    }
                                } catch (IOException gone) {
                                    // The client has had enough.
                                }
                            }
                        });
        return new NodeAddress("127.0.0.1", socket.getLocalPort());
    }

    @Test
    void aSilentWorkerCountsAsGone() throws Exception {
        NodeAddress address = saying(new byte[0], false);
        NodeClient client = client(address, IMPATIENT);
        var heard = new HeardEvents();
        client.generate(request("r"), heard);
        assertThat(((TokenEvent.Interrupted) heard.last()).reason()).contains("silent");
        assertThat(client.live()).isBetween(0, 1);
    }

    private static byte[] recorded() throws IOException {
        var frames = new FrameWriter();
        answer(5).forEach(new EventWriter(frames)::write);
        byte[] body = frames.toBytes();
        var out = new ByteArrayOutputStream();
        out.write(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        for (int at = 0; at < body.length; at += 40) {
            int count = Math.min(40, body.length - at);
            out.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(body, at, count);
            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    @Test
    void anAnswerInPiecesIsRead() throws Exception {
        var heard = new HeardEvents();
        client(saying(recorded(), true), IMPATIENT).generate(request("r"), heard);
        assertThat(heard.await()).hasSize(8);
    }

    /** Every one of them ends, once, whatever comes. */
    @Test
    void damagedAnswersEndOnce() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("NodeProtocolIT seed " + seed);
        var random = new Random(seed);
        byte[] whole = recorded();
        List<HeardEvents> all = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            byte[] bytes = whole.clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            var heard = new HeardEvents();
            all.add(heard);
            client(saying(bytes, random.nextInt(4) > 0), IMPATIENT)
                    .generate(request("r" + i), heard);
        }
        int interrupted = 0;
        for (HeardEvents heard : all) {
            interrupted += heard.last() instanceof TokenEvent.Interrupted ? 1 : 0;
        }
        assertThat(interrupted).isGreaterThan(50);
    }

    @Test
    void aFrameOfGigabytesIsNotBelieved() throws Exception {
        byte[] bytes =
                ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n"
                                + "\u00ff\u00ff\u00ff\u007f\u0003")
                        .getBytes(StandardCharsets.ISO_8859_1);
        var heard = new HeardEvents();
        client(saying(bytes, false), IMPATIENT).generate(request("r"), heard);
        assertThat(((TokenEvent.Interrupted) heard.last()).reason()).contains("frame");
    }

    /** Garbage is answered with 400 or the connection's end, and the next request is served. */
    @Test
    void lyingClientsAreRefused() throws Exception {
        ScriptedWorker worker = worker(OPTIONS);
        long seed = new Random().nextLong();
        System.out.println("NodeProtocolIT seed " + seed);
        var random = new Random(seed);
        var requests = new RandomRequests(seed);
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            byte[] body = RequestWriter.write(requests.next(0), 0);
            for (int flips = 0; flips < 8; flips++) {
                body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
            }
            refused += status(worker.address(), body).contains(" 400 ") ? 1 : 0;
        }
        assertThat(refused).isGreaterThan(20);
        worker.asked.clear();
        var heard = new HeardEvents();
        client(worker.address(), OPTIONS).generate(request("r"), heard);
        ScriptedWorker.answer(worker.asked.take(), answer(1));
        assertThat(heard.last()).isInstanceOf(TokenEvent.Ended.class);
    }

    private static String status(NodeAddress address, byte[] body) throws IOException {
        try (var socket = new Socket(address.host(), address.port())) {
            socket.getOutputStream()
                    .write(
                            ("POST /node/generate HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                            + body.length
                                            + "\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            InputStream in = socket.getInputStream();
            var line = new StringBuilder();
            for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
                line.append((char) next);
            }
            return line + " ";
        }
    }
}
