package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** A whole member over Hazelcast, as the plugin opens it, and what it said that it holds. */
final class TestMember implements AutoCloseable {

    static {
        QuietLogs.turnDown();
    }

    private final Membership membership;
    private final BlockDirectory directory;
    private final ClusterCommands commands;
    private final Map<BlockKey, Set<String>> truth = new HashMap<>();

    private TestMember(PluginContext context) {
        HazelcastPlugin plugin = new HazelcastPlugin();
        membership = plugin.memberships(context).getFirst().open().get();
        directory = plugin.blockDirectories(context).getFirst().open().get();
        commands = plugin.clusterCommands(context).getFirst().open().get();
    }

    /**
     * @param settings values of {@code cairn.cluster.*}, without that prefix
     */
    static TestMember open(Map<String, String> settings) {
        Map<String, String> values = new HashMap<>(Map.of("directory-size", "65536"));
        values.putAll(settings);
        return new TestMember(
                new PluginContext(
                        new MapSettings("cairn.cluster.", values),
                        Telemetry.none(),
                        new MachineClock(),
                        (atNanos, due) -> {
                            throw new AssertionError("nobody asks for timers");
                        },
                        () -> ThreadLocalRandom.current().nextLong()));
    }

    String id() {
        return membership.self().id();
    }

    Membership membership() {
        return membership;
    }

    /** Its membership, for who knows nothing else of it: the member leaves when that is closed. */
    Membership onlyMembership() {
        commands.close();
        directory.close();
        return membership;
    }

    BlockDirectory directory() {
        return directory;
    }

    ClusterCommands commands() {
        return commands;
    }

    /** Shows itself to the others. */
    TestMember describe(boolean draining, String model) {
        Member self = membership.self();
        membership.update(
                new Member(
                        self.id(),
                        self.role(),
                        "127.0.0.1:1",
                        Map.of("tcp", "127.0.0.1:2"),
                        Set.of(model),
                        draining,
                        Map.of()));
        return this;
    }

    TestMember announce(List<BlockKey> keys, String tier) {
        directory.announce(keys, tier);
        keys.forEach(key -> truth.computeIfAbsent(key, any -> new HashSet<>()).add(tier));
        return this;
    }

    void withdraw(List<BlockKey> keys, String tier) {
        directory.withdraw(keys, tier);
        keys.forEach(key -> truth.getOrDefault(key, new HashSet<>()).remove(tier));
    }

    /** What it holds, by its own words. */
    Set<BlockHolder> says(BlockKey key) {
        Set<BlockHolder> holders = new HashSet<>();
        truth.getOrDefault(key, Set.of()).forEach(tier -> holders.add(new BlockHolder(id(), tier)));
        return holders;
    }

    Set<BlockHolder> holders(BlockKey key) {
        return Set.copyOf(directory.holders(key));
    }

    @Override
    public void close() {
        commands.close();
        directory.close();
        membership.close();
    }

    static final class MachineClock implements Clock {

        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long epochMillis() {
            return System.currentTimeMillis();
        }
    }
}
