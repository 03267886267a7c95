package dev.cairn.engine.remote;

import static java.lang.System.Logger.Level.DEBUG;

import dev.cairn.ports.relay.AttemptFailure;
import dev.cairn.ports.relay.RelayDesk.Probe;
import dev.cairn.ports.relay.RelayDesk.ProbeOutcome;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Looks at workers, one virtual thread per look: names are resolved there, too, so that nothing on
 * the loop waits for DNS. Every look makes a connection of its own, because whether that can be
 * made is what is asked.
 */
final class Prober {

    private static final System.Logger LOGGER = System.getLogger(Prober.class.getName());

    private static final int MOST_ANSWER = 4 << 20;
    private static final int MOST_MODELS = 1000;

    private final RelayServerOptions options;

    Prober(RelayServerOptions options) {
        this.options = options;
    }

    /** Hears what came of it, on the probe's thread. */
    interface Result {

        /**
         * @param address where the worker was found; null if nowhere
         */
        void of(InetSocketAddress address, ProbeOutcome outcome);
    }

    void start(Probe probe, Result result) {
        Thread.ofVirtual().name("relay-probe").start(() -> look(probe, result));
    }

    private void look(Probe probe, Result result) {
        RemoteWorker worker = probe.worker();
        InetSocketAddress address = null;
        ProbeOutcome outcome;
        try {
            address = new InetSocketAddress(InetAddress.getByName(worker.host()), worker.port());
            Answer health = get(address, worker, options.probePath());
            if (health.status() / 100 != 2) {
                outcome = new ProbeOutcome.Dead(AttemptFailure.UNAVAILABLE);
            } else {
                outcome =
                        new ProbeOutcome.Alive(
                                probe.models()
                                        ? models(get(address, worker, "/v1/models"))
                                        : Optional.empty());
            }
        } catch (ConnectException refused) {
            outcome = new ProbeOutcome.Dead(AttemptFailure.REFUSED);
        } catch (UnknownHostException | SocketTimeoutException none) {
            outcome = new ProbeOutcome.Dead(AttemptFailure.UNREACHABLE);
        } catch (IOException | BodyFraming.BadFraming broken) {
            LOGGER.log(DEBUG, () -> "probe of " + worker.name() + ": " + broken.getMessage());
            outcome = new ProbeOutcome.Dead(AttemptFailure.BROKEN);
        }
        result.of(address, outcome);
    }

    private static Optional<List<JsonObject>> models(Answer answer) {
        if (answer.status() != 200) {
            return Optional.empty();
        }
        try {
            JsonValue read = JsonReader.read(new String(answer.body(), StandardCharsets.UTF_8));
            if (read instanceof JsonObject object
                    && object.member("data") instanceof JsonArray(var entries)
                    && entries.size() <= MOST_MODELS) {
                List<JsonObject> models = new ArrayList<>();
                for (JsonValue entry : entries) {
                    if (entry instanceof JsonObject model) {
                        models.add(model);
                    }
                }
                return Optional.of(models);
            }
            return Optional.empty();
        } catch (JsonException nonsense) {
            return Optional.empty();
        }
    }

    private record Answer(int status, byte[] body) {}

    private Answer get(InetSocketAddress address, RemoteWorker worker, String path)
            throws IOException {
        int millis = (int) options.probeTime().toMillis();
        try (Socket socket = new Socket()) {
            socket.connect(address, (int) Math.min(millis, options.connectTime().toMillis()));
            socket.setSoTimeout(millis);
            String key =
                    options.workerKey().isEmpty()
                            ? ""
                            : "Authorization: Bearer " + options.workerKey() + "\r\n";
            String request =
                    "GET %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n"
                            .formatted(path, worker.authority(), key);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return answer(socket.getInputStream());
        }
    }

    private static Answer answer(InputStream in) throws IOException {
        byte[] bytes = new byte[16 << 10];
        int filled = 0;
        int headEnd = -1;
        while (headEnd < 0) {
            int count = in.read(bytes, filled, bytes.length - filled);
            if (count <= 0) {
                throw new IOException("the answer's head has no end");
            }
            filled += count;
            headEnd = HttpText.headEnd(bytes, 0, filled);
        }
        AnswerHead head = AnswerHead.read(bytes, headEnd);
        if (head == null) {
            throw new IOException("the answer is no HTTP/1.1");
        }
        BodyFraming framing = head.framing();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        ByteBuffer data = ByteBuffer.wrap(Arrays.copyOfRange(bytes, headEnd, filled));
        while (!framing.isEmpty() && framing.end(data, part -> keep(part, body)) < 0) {
            int count = in.read(bytes);
            if (count < 0) {
                if (framing.kind() == BodyFraming.Kind.CLOSE) {
                    break;
                }
                throw new IOException("the answer ended early");
            }
            data = ByteBuffer.wrap(bytes, 0, count);
            if (body.size() > MOST_ANSWER) {
                throw new IOException("the answer is too long");
            }
        }
        return new Answer(head.status(), body.toByteArray());
    }

    private static void keep(ByteBuffer part, ByteArrayOutputStream body) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        body.writeBytes(bytes);
    }
}
