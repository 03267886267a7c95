package dev.cairn.engine.remote;

import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.relay.PromptBlocks;
import dev.cairn.ports.relay.PromptReader;
import dev.cairn.ports.relay.RelayDesk;
import dev.cairn.ports.relay.RelayGate;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.telemetry.Telemetry;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What all connections of a relay share. The loop's thread, except where said. */
final class Relay {

    private static final long IDLE_NANOS = 60_000_000_000L;

    private final RelayServerOptions options;
    private final RelayLoop loop;
    private final RelayDesk desk;
    private final RelayGate gate;
    private final PromptReader reader;
    private final OwnPages pages;
    private final BodyCheck check;
    private final PromptBlocks prompt = new PromptBlocks();
    private final Map<RemoteWorker, WorkerPool> pools = new HashMap<>();
    private final Set<Client> clients = new HashSet<>();
    private final Set<Exchange> exchanges = new HashSet<>();
    private final ArrayDeque<Exchange> waiting = new ArrayDeque<>();
    private final Telemetry.Counter requests;
    private final Telemetry.Counter retries;
    private boolean mayEdit;
    private boolean isDraining;

    Relay(
            RelayServerOptions options,
            RelayLoop loop,
            RelayDesk desk,
            RelayGate gate,
            PromptReader reader,
            OwnPages pages,
            Telemetry telemetry) {
        this.options = options;
        this.loop = loop;
        this.desk = desk;
        this.gate = gate;
        this.reader = reader;
        this.pages = pages;
        this.check = new BodyCheck(options.jsonDepth());
        this.requests =
                telemetry.counter(
                        "cairn:relay_requests_total",
                        "Requests that the relay answered.",
                        List.of("path", "status"));
        this.retries =
                telemetry.counter(
                        "cairn:relay_retries_total",
                        "Attempts at workers that gave no answer.",
                        List.of("failure"));
    }

    RelayServerOptions options() {
        return options;
    }

    RelayLoop loop() {
        return loop;
    }

    RelayDesk desk() {
        return desk;
    }

    RelayGate gate() {
        return gate;
    }

    PromptReader reader() {
        return reader;
    }

    OwnPages pages() {
        return pages;
    }

    BodyCheck check() {
        return check;
    }

    /** A prompt for the desk; there is one at a time. */
    PromptBlocks prompt(List<MemorySegment> parts) {
        return prompt.over(parts);
    }

    Telemetry.Counter requests() {
        return requests;
    }

    Telemetry.Counter retries() {
        return retries;
    }

    /** Whether some worker shares requests or has ranks, so that bodies may have to be changed. */
    boolean mayEdit() {
        return mayEdit;
    }

    boolean isDraining() {
        return isDraining;
    }

    /** New requests are refused from now on, those that run go on. */
    void drain() {
        isDraining = true;
        for (Client client : List.copyOf(clients)) {
            client.drain();
        }
    }

    /** From now on these are the workers. */
    void workers(List<RemoteWorker> workers) {
        desk.workers(workers, loop.now());
        mayEdit =
                workers.stream()
                        .anyMatch(
                                worker ->
                                        worker.bootstrapPort() > 0
                                                || isHalf(worker)
                                                || HalvedWork.namesRank(worker));
        pools.keySet()
                .removeIf(
                        worker -> {
                            boolean left = !workers.contains(worker);
                            if (left) {
                                pools.get(worker).retire();
                            }
                            return left;
                        });
    }

    private static boolean isHalf(RemoteWorker worker) {
        return worker.role() != Role.ALL;
    }

    WorkerPool pool(RemoteWorker worker) {
        return pools.computeIfAbsent(worker, one -> new WorkerPool(one, loop, keyLine()));
    }

    private String keyLine() {
        return options.workerKey().isEmpty()
                ? ""
                : "Authorization: Bearer " + options.workerKey() + "\r\n";
    }

    /** Whether a client's own key goes on to workers: only where it is nobody else's. */
    boolean passesKeys() {
        return options.workerKey().isEmpty() && !gate.asksForKeys();
    }

    /** Whether there is a place for one more. */
    boolean opened(Client client) {
        return clients.size() < options.connections() && clients.add(client);
    }

    void closed(Client client) {
        clients.remove(client);
    }

    void began(Exchange exchange) {
        exchanges.add(exchange);
    }

    void ended(Exchange exchange) {
        exchanges.remove(exchange);
    }

    /**
     * Whether the exchange may wait for a worker; it is called when there is one, or time is up.
     */
    boolean waits(Exchange exchange) {
        if (waiting.size() >= options.mostWaiting()) {
            return false;
        }
        waiting.add(exchange);
        return true;
    }

    void waitsNoMore(Exchange exchange) {
        waiting.remove(exchange);
    }

    /** Requests that wait for a worker. */
    int waiting() {
        return waiting.size();
    }

    /** Something may have changed at the workers: who waited longest is first. */
    void letIn() {
        for (Exchange exchange : waiting.toArray(Exchange[]::new)) {
            exchange.stillWaits(loop.now());
        }
    }

    int running() {
        return exchanges.size();
    }

    /** What nothing but the passing of time brings about. */
    void tick() {
        long now = loop.now();
        letIn();
        for (Exchange exchange : exchanges.toArray(Exchange[]::new)) {
            exchange.tick(now);
        }
        for (Client client : clients.toArray(Client[]::new)) {
            client.tick(now);
        }
        for (WorkerPool pool : pools.values().toArray(WorkerPool[]::new)) {
            pool.tidy(options.connectTime().toNanos(), IDLE_NANOS);
        }
    }
}
