package dev.cairn.transport.node;

import static java.lang.System.Logger.Level.ERROR;

import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.PrefillPlace;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Timers;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Workers that read prompts for this one, by the addresses that requests name. A connection per
 * prompt; closing it ends the reading there.
 *
 * <p>Threads: any; a virtual thread per prompt tells its events, one watches for silence.
 */
public final class NodeReaders implements PromptReader.Directory, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(NodeReaders.class.getName());

    private final NodeOptions options;
    private final Clock clock;
    private final Set<Reading> live = ConcurrentHashMap.newKeySet();
    private final WatchedTime time;
    private final Thread watcher;

    public NodeReaders(NodeOptions options, Clock clock) {
        this.options = options;
        this.clock = clock;
        this.time = new WatchedTime(pause().toNanos(), clock.nanos());
        this.watcher = Thread.ofVirtual().name("node-readers").start(this::look);
    }

    @Override
    public PromptReader at(PrefillPlace place) {
        return (request, events) -> read(place, request, events);
    }

    private Timers.Cancellation read(
            PrefillPlace place, GenerationRequest request, PromptReader.PromptListener events) {
        NodeAddress address;
        try {
            address = NodeAddress.parse(place.address());
        } catch (IllegalArgumentException wrong) {
            events.on(new PromptReader.Lost(wrong.getMessage()));
            return () -> {};
        }
        if (live.size() >= options.connections()) {
            events.on(new PromptReader.Lost("as many prompts are read elsewhere as may be"));
            return () -> {};
        }
        var reading = new Reading(address, request, events);
        live.add(reading);
        Thread.ofVirtual().name("node-prompt").start(reading::run);
        return reading;
    }

    /** Prompts that are read for this worker now. */
    public int live() {
        return live.size();
    }

    private Duration pause() {
        return options.silence().dividedBy(8);
    }

    private void look() {
        Duration pause = pause();
        try {
            while (true) {
                Thread.sleep(pause);
                time.look(clock.nanos());
                live.forEach(Reading::checkSilence);
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        watcher.interrupt();
        live.forEach(Reading::cancel);
    }

    private final class Reading implements Timers.Cancellation {

        private final GenerationRequest request;
        private final PromptReader.PromptListener events;
        private final NodeConnection connection;
        private volatile long heardNanos = time.nanos();
        private volatile boolean cancelled;
        private volatile boolean silent;

        Reading(
                NodeAddress address,
                GenerationRequest request,
                PromptReader.PromptListener events) {
            this.request = request;
            this.events = events;
            this.connection = new NodeConnection(address, options);
        }

        @Override
        public void cancel() {
            cancelled = true;
            connection.close();
        }

        void checkSilence() {
            long now = time.nanos();
            if (connection.hasUnread()) {
                // This process is late in reading it.
                heardNanos = now;
            } else if (now - heardNanos > options.silence().toNanos()) {
                silent = true;
                connection.close();
            }
        }

        void run() {
            String trouble;
            try (connection) {
                trouble = hear();
            } catch (IOException | ProtocolException broken) {
                trouble =
                        silent
                                ? "silent for " + options.silence().toMillis() + " ms"
                                : String.valueOf(broken.getMessage());
            } finally {
                live.remove(this);
            }
            tell(new PromptReader.Lost(trouble));
        }

        /** Returns how it ended. */
        private String hear() throws IOException, ProtocolException {
            connection.open(options.connectTime());
            connection.post(
                    NodeProtocol.PREFILL,
                    options.key(),
                    RequestWriter.write(request, clock.nanos()));
            int status = connection.readHead();
            if (status != 200) {
                return "it answered " + status + ": " + connection.readText();
            }
            var payload = new Payload();
            for (int type = connection.readFrame(payload);
                    type >= 0;
                    type = connection.readFrame(payload)) {
                heardNanos = time.nanos();
                PromptReader.PromptEvent event = PromptFrames.read(type, payload);
                if (event instanceof PromptReader.Lost(String reason)) {
                    return reason;
                }
                if (event != null) {
                    tell(event);
                }
            }
            return "it ended before its end";
        }

        private void tell(PromptReader.PromptEvent event) {
            if (cancelled) {
                return;
            }
            try {
                events.on(event);
            } catch (RuntimeException bug) {
                LOG.log(ERROR, "a listener failed; its prompt is given up", bug);
                cancel();
            }
        }
    }
}
