package dev.cairn.core.testing;

import dev.cairn.core.cache.PeerPorts;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Members, a directory and a network in virtual time. Members see one another at once; what the
 * directory says is as old as the test wants. What members hold outlives the driver: {@link
 * #attach} lets the fleet go on in another run.
 */
public final class SimulatedFleet {

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<BlockKey, Set<BlockDirectory.BlockHolder>> directory = new HashMap<>();
    private VirtualDriver driver = new VirtualDriver();
    private long directoryLag;

    /** Goes on under another driver. */
    public SimulatedFleet attach(VirtualDriver next) {
        driver = next;
        return this;
    }

    /** What is announced is seen by others so much later. */
    public void directoryLag(long nanos) {
        directoryLag = nanos;
    }

    VirtualDriver driver() {
        return driver;
    }

    /** A member, which has joined. */
    public Node join(String id) {
        Node node = new Node(id);
        nodes.put(id, node);
        return node;
    }

    /** It is gone and everybody knows; what the directory says of it is still there. */
    public void leave(String id) {
        nodes.remove(id);
    }

    /** A member that had left is there again. */
    public void comeBack(Node node) {
        nodes.put(node.id(), node);
    }

    /** The member, or null. */
    Node at(String address) {
        return nodes.get(address);
    }

    /** Blocks that the directory believes a member to hold in a tier. */
    public Set<BlockKey> announced(String member, String tier) {
        var holder = new BlockDirectory.BlockHolder(member, tier);
        Set<BlockKey> keys = new LinkedHashSet<>();
        directory.forEach(
                (key, holders) -> {
                    if (holders.contains(holder)) {
                        keys.add(key);
                    }
                });
        return keys;
    }

    private void later(Runnable change) {
        if (directoryLag == 0) {
            change.run();
        } else {
            driver.schedule(driver.nanos() + directoryLag, change);
        }
    }

    /** One member, with the ports as it sees them. */
    public final class Node {

        private final SimulatedTransport transport;
        private final Map<String, BiConsumer<JsonValue, Completion<JsonValue>>> handlers =
                new HashMap<>();
        private Member self;

        private Node(String id) {
            self = new Member(id, Role.ALL, id, Map.of("kv", id), Set.of(), false, Map.of());
            transport = new SimulatedTransport(SimulatedFleet.this, id);
        }

        public String id() {
            return self.id();
        }

        public SimulatedTransport transport() {
            return transport;
        }

        /** What a cache needs to have blocks from the others. */
        public PeerPorts ports() {
            return new PeerPorts(membership(), directory(), transport);
        }

        /** Takes no new work from now on. */
        public void drain() {
            self =
                    new Member(
                            self.id(),
                            self.role(),
                            self.httpAddress(),
                            self.transferAddresses(),
                            self.models(),
                            true,
                            self.properties());
        }

        /** Answers a command; unlike the port's handlers, without waiting. */
        public void answer(String command, BiConsumer<JsonValue, Completion<JsonValue>> handler) {
            handlers.put(command, handler);
        }

        public Membership membership() {
            return new Membership() {
                @Override
                public Member self() {
                    return self;
                }

                @Override
                public void update(Member changed) {
                    self = changed;
                }

                @Override
                public List<Member> members() {
                    List<Member> members = new ArrayList<>();
                    nodes.values().forEach(node -> members.add(node.self));
                    return members;
                }

                @Override
                public void listen(MembershipListener listener) {
                    throw new IllegalStateException("the core asks and does not listen");
                }

                @Override
                public void close() {}
            };
        }

        public BlockDirectory directory() {
            return new BlockDirectory() {
                @Override
                public void announce(List<BlockKey> keys, String tier) {
                    var holder = new BlockHolder(id(), tier);
                    later(
                            () ->
                                    keys.forEach(
                                            key ->
                                                    directory
                                                            .computeIfAbsent(
                                                                    key, _ -> new LinkedHashSet<>())
                                                            .add(holder)));
                }

                @Override
                public void withdraw(List<BlockKey> keys, String tier) {
                    var holder = new BlockHolder(id(), tier);
                    later(
                            () ->
                                    keys.forEach(
                                            key ->
                                                    directory
                                                            .getOrDefault(key, new HashSet<>())
                                                            .remove(holder)));
                }

                @Override
                public List<BlockHolder> holders(BlockKey key) {
                    return directory.getOrDefault(key, Set.of()).stream()
                            .filter(holder -> !holder.member().equals(id()))
                            .toList();
                }

                @Override
                public void close() {}
            };
        }

        public ClusterCommands commands() {
            return new ClusterCommands() {
                @Override
                public void ask(
                        String member,
                        String command,
                        JsonValue argument,
                        Duration atMost,
                        Completion<JsonValue> done) {
                    Node node = nodes.get(member);
                    if (node == null || !node.handlers.containsKey(command)) {
                        done.failed(new CommandException("nobody answers"));
                    } else {
                        node.handlers.get(command).accept(argument, done);
                    }
                }

                @Override
                public void handle(String command, CommandHandler handler) {
                    throw new IllegalStateException("handlers of the core do not wait");
                }

                @Override
                public void close() {}
            };
        }
    }
}
