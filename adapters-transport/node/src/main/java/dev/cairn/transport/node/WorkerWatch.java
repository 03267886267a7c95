package dev.cairn.transport.node;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.ERROR;

import dev.cairn.ports.engine.GenerationBackend.BackendDescription;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Hears what a worker says of itself and of its load, and tries again and again where it does not
 * answer.
 *
 * <p>Threads: {@link #run} on one of its own; the rest on any.
 */
final class WorkerWatch {

    private static final System.Logger LOG = System.getLogger(WorkerWatch.class.getName());

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final NodeAddress address;
    private final String model;
    private final String router;
    private final NodeOptions options;
    private final Clock clock;
    private final Consumer<NodeState> changes;
    private final WatchedTime time;
    private final SilencePatience patience;

    private volatile NodeState state;
    private volatile NodeConnection connection;
    private volatile long heardNanos;
    private volatile long silentNanos;
    private volatile boolean closed;

    WorkerWatch(
            NodeAddress address,
            String model,
            String router,
            NodeOptions options,
            WatchedTime time,
            SilencePatience patience,
            Clock clock,
            Consumer<NodeState> changes) {
        this.address = address;
        this.model = model;
        this.router = router;
        this.options = options;
        this.time = time;
        this.patience = patience;
        this.clock = clock;
        this.changes = changes;
        this.state =
                new NodeState(
                        false,
                        "it was not reached yet",
                        new NodeSelf("", Role.ALL, false, List.of(), Map.of()),
                        new BackendDescription(
                                address.toString(), model, Integer.MAX_VALUE, "not reached yet"),
                        LoadReport.NONE,
                        OtherRouters.NONE);
    }

    NodeState state() {
        return state;
    }

    /**
     * Gives up if nothing was heard for too long.
     *
     * @param mostNanos that the worker may be silent
     */
    void checkSilence(long mostNanos) {
        long now = time.nanos();
        NodeConnection open = connection;
        if (open == null) {
            return;
        }
        if (open.hasUnread()) {
            // This process is late in reading it.
            heardNanos = now;
        } else if (now - heardNanos > mostNanos) {
            silentNanos = now - heardNanos;
            patience.gaveUp();
            open.close();
        }
    }

    void close() {
        closed = true;
        NodeConnection open = connection;
        if (open != null) {
            open.close();
        }
    }

    void run() {
        Duration pause = SHORTEST_PAUSE;
        while (!closed) {
            String trouble;
            silentNanos = 0;
            try {
                listen();
                trouble = "it ended the watch";
            } catch (IOException | ProtocolException broken) {
                trouble =
                        silentNanos > 0
                                ? "it was silent for " + silentNanos / 1_000_000 + " ms"
                                : String.valueOf(broken.getMessage());
            }
            boolean wasThere = state.reachable();
            lost(trouble);
            pause = wasThere ? SHORTEST_PAUSE : longer(pause);
            try {
                Thread.sleep(pause);
            } catch (InterruptedException closing) {
                return;
            }
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    private void lost(String trouble) {
        LOG.log(DEBUG, "worker {0} is not there: {1}", address, trouble);
        if (state.reachable() || !state.trouble().equals(trouble)) {
            publish(
                    new NodeState(
                            false,
                            trouble,
                            state.self(),
                            state.description(),
                            state.load(),
                            OtherRouters.NONE));
        }
    }

    private void listen() throws IOException, ProtocolException {
        try (var open = new NodeConnection(address, options)) {
            heardNanos = time.nanos();
            connection = open;
            if (closed) {
                return;
            }
            open.open(options.connectTime());
            open.post(NodeProtocol.WATCH, options.key(), question());
            int status = open.readHead();
            if (status != 200) {
                throw new ProtocolException("it answered " + status + ": " + open.readText());
            }
            var payload = new Payload();
            int type = open.readFrame(payload);
            while (type >= 0) {
                heardNanos = time.nanos();
                patience.heard(clock.nanos());
                hear(type, payload);
                type = open.readFrame(payload);
            }
        } finally {
            connection = null;
        }
    }

    private byte[] question() {
        return new FrameWriter()
                .putText(
                        JsonWriter.write(
                                JsonObject.builder()
                                        .put("version", NodeProtocol.VERSION)
                                        .put("model", model)
                                        .put("router", router)
                                        .build()))
                .toBytes();
    }

    private void hear(int type, Payload payload) throws ProtocolException {
        switch (type) {
            case NodeProtocol.STATE -> {
                StateFrames.Said said = StateFrames.readState(payload, address.toString());
                publish(
                        new NodeState(
                                true,
                                "",
                                said.self(),
                                said.description(),
                                state.load(),
                                state.others()));
            }
            case NodeProtocol.LOAD -> {
                StateFrames.Load load = StateFrames.readLoad(payload);
                publish(
                        new NodeState(
                                true,
                                "",
                                state.self(),
                                state.description(),
                                load.all(),
                                load.others()));
            }
            case NodeProtocol.FAILED -> {
                payload.getText();
                payload.getText();
                throw new ProtocolException(payload.getText());
            }
            default -> {
                // A heartbeat, or something of a newer version.
            }
        }
    }

    private void publish(NodeState next) {
        state = next;
        try {
            changes.accept(next);
        } catch (RuntimeException bug) {
            LOG.log(ERROR, "a listener of a worker's state failed", bug);
        }
    }
}
