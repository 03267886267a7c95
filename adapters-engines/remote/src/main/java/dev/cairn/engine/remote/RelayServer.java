package dev.cairn.engine.remote;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.ports.relay.PromptReader;
import dev.cairn.ports.relay.RelayDesk;
import dev.cairn.ports.relay.RelayDesk.Probe;
import dev.cairn.ports.relay.RelayDesk.ProbeOutcome;
import dev.cairn.ports.relay.RelayGate;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.relay.WorkerList;
import dev.cairn.ports.telemetry.Telemetry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The relay: an OpenAI endpoint before workers that have one, too.
 *
 * <p>Threads: {@link #start} and {@link #stop} once each, from any thread. The desk is called by
 * the relay's own thread alone.
 */
public final class RelayServer {

    private static final System.Logger LOGGER = System.getLogger(RelayServer.class.getName());

    /** Hedges want a finer measure than probes, and cost nothing where there are none. */
    private static final long TICK_MILLIS = 50;

    private static final int BACKLOG = 1024;
    private static final int MOST_ACCEPTED = 64;

    private final RelayServerOptions options;
    private final RelayLoop loop;
    private final RelayDesk desk;
    private final WorkerList workers;
    private final Relay relay;
    private final Prober prober;
    private final CountDownLatch probedAll = new CountDownLatch(1);
    private final Thread thread;
    private ServerSocketChannel listening;
    private volatile int running;
    private volatile int waiting;

    /**
     * @param reader of prompts, for engines that tell their blocks
     * @param version what {@code /version} answers
     * @param metricsPage the page in Prometheus' text format, made anew at each call
     */
    public RelayServer(
            RelayServerOptions options,
            RelayDesk desk,
            WorkerList workers,
            RelayGate gate,
            PromptReader reader,
            Telemetry telemetry,
            String version,
            Supplier<String> metricsPage) {
        this.options = options;
        this.desk = desk;
        this.workers = workers;
        this.loop = new RelayLoop(options.bufferBytes());
        this.prober = new Prober(options);
        var pages = new OwnPages(desk, loop::now, version, metricsPage);
        this.relay = new Relay(options, loop, desk, gate, reader, pages, telemetry);
        this.thread =
                Thread.ofPlatform()
                        .name("relay")
                        .unstarted(() -> loop.run(TICK_MILLIS, this::tick));
        telemetry.gauge(
                "cairn:relay_running_requests",
                "Requests that workers are answering.",
                Map.of(),
                () -> running);
        telemetry.gauge(
                "cairn:relay_waiting_requests",
                "Requests that wait for a worker to be well.",
                Map.of(),
                () -> waiting);
    }

    /**
     * Binds, looks at every worker once, and serves.
     *
     * @throws UncheckedIOException if the address cannot be bound
     */
    public void start() {
        try {
            listening = ServerSocketChannel.open();
            listening.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listening.bind(new InetSocketAddress(options.host(), options.port()), BACKLOG);
            listening.configureBlocking(false);
        } catch (IOException refused) {
            RelayLoop.close(listening);
            throw new UncheckedIOException(refused);
        }
        thread.start();
        workers.listen(list -> loop.execute(() -> accept(list)));
        awaitProbes();
        loop.execute(this::listen);
    }

    private void accept(List<RemoteWorker> list) {
        LOGGER.log(INFO, () -> "the relay has " + list.size() + " workers");
        relay.workers(list);
        probe();
    }

    /**
     * So that the first request finds what is there; whoever is not there yet is not waited for.
     */
    private void awaitProbes() {
        try {
            long millis = options.connectTime().plus(options.probeTime()).toMillis();
            if (!probedAll.await(millis, TimeUnit.MILLISECONDS)) {
                LOGGER.log(WARNING, "not every worker was found in " + millis + " ms");
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen() {
        try {
            loop.register(listening, SelectionKey.OP_ACCEPT, new Door());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void tick() {
        relay.tick();
        running = relay.running();
        waiting = relay.waiting();
        probe();
    }

    private void probe() {
        for (Probe probe : desk.probesDue(loop.now())) {
            prober.start(
                    probe,
                    (address, outcome) ->
                            loop.execute(() -> probed(probe.worker(), address, outcome)));
        }
    }

    private void probed(RemoteWorker worker, InetSocketAddress address, ProbeOutcome outcome) {
        if (address != null) {
            relay.pool(worker).at(address);
        }
        desk.probed(worker, outcome, loop.now());
        relay.letIn();
        if (desk.hasProbedAll()) {
            probedAll.countDown();
        }
    }

    /** The port that is listened on. */
    public int port() {
        return listening.socket().getLocalPort();
    }

    /** The start of every URL. */
    public String url() {
        String name =
                options.host().indexOf(':') >= 0 ? "[" + options.host() + "]" : options.host();
        return "http://" + name + ":" + port();
    }

    /**
     * Refuses new requests, lets running ones finish until {@code grace} is over, and ends the
     * rest. Returns when all that is done.
     */
    public void stop(Duration grace) {
        workers.close();
        loop.execute(
                () -> {
                    RelayLoop.close(listening);
                    relay.drain();
                    running = relay.running();
                });
        long deadline = System.nanoTime() + grace.toNanos();
        try {
            do {
                Thread.sleep(TICK_MILLIS);
            } while (running > 0 && System.nanoTime() - deadline < 0);
            loop.stop();
            thread.join(grace.plusSeconds(1).toMillis());
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            loop.stop();
        }
    }

    /** Lets clients in. */
    private final class Door implements RelayLoop.Handler {

        @Override
        public void ready(SelectionKey key) throws IOException {
            for (int i = 0; i < MOST_ACCEPTED; i++) {
                SocketChannel channel = listening.accept();
                if (channel == null) {
                    return;
                }
                let(channel);
            }
        }

        private void let(SocketChannel channel) {
            try {
                var client = new Client(relay, channel);
                if (!relay.opened(client)) {
                    client.close();
                }
            } catch (IOException gone) {
                RelayLoop.close(channel);
            }
        }

        @Override
        public void broken(Exception why) {
            LOGGER.log(WARNING, "the relay cannot accept connections", why);
        }
    }
}
