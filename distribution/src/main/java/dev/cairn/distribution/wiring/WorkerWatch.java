package dev.cairn.distribution.wiring;

import dev.cairn.core.fleet.FleetWorker;
import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership.MembershipListener;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Timers;
import dev.cairn.transport.node.NodeAddress;
import dev.cairn.transport.node.NodeClient;
import dev.cairn.transport.node.NodeOptions;
import dev.cairn.transport.node.NodeState;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Tells a router of its workers: those of a list, and members of the fleet that serve its model.
 *
 * <p>Threads: any.
 */
final class WorkerWatch implements MembershipListener {

    /**
     * Before a model's name, the property under which a worker says where it tells what it holds.
     */
    static final String EVENTS = "kv-events.";

    /** For whom the fleet has lost to come back; the same process has the same name. */
    private static final long RETURN_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final String model;
    private final NodeOptions options;
    private final Clock clock;
    private final RoutedBackend backend;
    private final Timers timers;

    /** By name. */
    private final Map<String, Watched> workers = new HashMap<>();

    private boolean closed;

    WorkerWatch(
            String model, NodeOptions options, Clock clock, Timers timers, RoutedBackend backend) {
        this.timers = timers;
        this.model = model;
        this.options = options;
        this.clock = clock;
        this.backend = backend;
    }

    /** A worker that does not announce itself. */
    synchronized void add(NodeAddress address) {
        watch(new Watched(address.toString(), address, Role.ALL, false));
    }

    @Override
    public synchronized void joined(Member member) {
        changed(member);
    }

    @Override
    public synchronized void changed(Member member) {
        Watched known = workers.get(member.id());
        if (known != null && !serves(member)) {
            forget(known);
        } else if (known != null) {
            known.member = member;
            known.isLost = false;
            tell(known);
        } else if (serves(member)) {
            Watched worker =
                    new Watched(
                            member.id(),
                            NodeAddress.parse(member.httpAddress()),
                            member.role(),
                            true);
            worker.member = member;
            watch(worker);
        }
    }

    /** Who names no models yet is loading them: perhaps this one. */
    private boolean serves(Member member) {
        return member.role() != Role.ROUTER
                && !member.httpAddress().isEmpty()
                && (member.models().isEmpty() || member.models().contains(model));
    }

    /**
     * The fleet has lost a member, perhaps because either was too busy to be heard. What it works
     * on here is broken off only if it cannot be reached here either.
     */
    @Override
    public synchronized void left(Member member) {
        Watched known = workers.get(member.id());
        if (known == null) {
            return;
        }
        if (member.draining() || !serves(member)) {
            forget(known);
        } else {
            known.isLost = true;
            forgetLater(known);
        }
    }

    private void forgetLater(Watched worker) {
        timers.schedule(clock.nanos() + RETURN_NANOS, () -> forgetIfGone(worker));
    }

    private synchronized void forgetIfGone(Watched worker) {
        if (!worker.isLost || workers.get(worker.id) != worker) {
            return;
        }
        if (worker.client.state().reachable()) {
            forgetLater(worker);
        } else {
            forget(worker);
        }
    }

    private void forget(Watched worker) {
        workers.remove(worker.id);
        backend.leave(worker.id);
    }

    private void watch(Watched worker) {
        if (closed) {
            return;
        }
        workers.put(worker.id, worker);
        NodeClient client =
                new NodeClient(
                        worker.address,
                        model,
                        backend.name(),
                        options,
                        clock,
                        state -> heard(worker, state));
        worker.client = client;
        backend.join(worker.facts(client.state()), client);
        tell(worker);
    }

    private synchronized void heard(Watched worker, NodeState state) {
        if (worker.client != null && workers.get(worker.id) == worker) {
            FleetWorker facts = worker.facts(state);
            if (!facts.equals(worker.told)) {
                worker.told = facts;
                backend.change(facts);
            } else {
                backend.reported();
            }
        }
    }

    private void tell(Watched worker) {
        heard(worker, worker.client.state());
    }

    /** Hears of nobody any more; workers' connections are the backend's to close. */
    synchronized void close() {
        closed = true;
        workers.clear();
    }

    /** A worker, and what was said of it. */
    private final class Watched {

        private final String id;
        private final NodeAddress address;
        private final Role role;
        private final boolean isMember;
        private Member member;
        private NodeClient client;
        private FleetWorker told;

        /** The fleet does not know of it any more. */
        private boolean isLost;

        private Watched(String id, NodeAddress address, Role role, boolean isMember) {
            this.id = id;
            this.address = address;
            this.role = role;
            this.isMember = isMember;
        }

        private FleetWorker facts(NodeState state) {
            return new FleetWorker(
                    id,
                    address.toString(),
                    role(state),
                    condition(state),
                    state.load().totalBlocks(),
                    events(state));
        }

        private String events(NodeState state) {
            String property = EVENTS + model;
            String said = state.self().properties().getOrDefault(property, "");
            return said.isEmpty() && member != null
                    ? member.properties().getOrDefault(property, "")
                    : said;
        }

        private Role role(NodeState state) {
            if (isMember) {
                return member == null ? role : member.role();
            }
            return state.self().role() == Role.ROUTER ? Role.ALL : state.self().role();
        }

        private Condition condition(NodeState state) {
            if (!state.reachable()) {
                return Condition.AWAY;
            }
            if (state.self().starting()) {
                return Condition.STARTING;
            }
            boolean drains = state.self().draining() || member != null && member.draining();
            return drains ? Condition.DRAINING : Condition.READY;
        }
    }
}
