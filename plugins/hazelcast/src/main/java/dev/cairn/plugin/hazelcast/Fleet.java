package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.telemetry.Telemetry;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** This process as a member of the fleet: the parts put together, and the three ports over them. */
final class Fleet {

    private static final Logger LOGGER = System.getLogger(Fleet.class.getName());
    private static final int QUEUED_CHANGES = 1 << 16;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final HazelcastLink link;
    private final FleetThread thread = new FleetThread(TICK_NANOS);
    private final ExecutorService listeners =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("cairn-fleet-listeners").daemon().factory());
    private final BlockDigest digest = new BlockDigest();
    private final Roll roll;
    private final Holdings holdings;
    private final Replicas replicas;
    private final FleetState state;
    private final Commands commands;
    private final AtomicBoolean changesNoticed = new AtomicBoolean();

    private Fleet(FleetOptions options, String id, HazelcastLink link, Clock clock) {
        this.link = link;
        roll =
                new Roll(
                        new Member(id, Role.ALL, "", Map.of(), Set.of(), false, Map.of()),
                        listeners);
        holdings = new Holdings(digest, options.directorySize(), QUEUED_CHANGES);
        replicas = new Replicas(options.directorySize());
        state =
                new FleetState(
                        link,
                        thread,
                        roll,
                        holdings,
                        replicas,
                        clock::nanos,
                        options.heartbeat().toNanos());
        commands = new Commands(id, link);
    }

    /**
     * Joins.
     *
     * @throws dev.cairn.ports.system.Settings.SettingException if it cannot as configured
     */
    static Fleet join(PluginContext context) {
        FleetOptions options = FleetOptions.read(context.settings());
        if (!options.loopback() && options.key().isEmpty()) {
            LOGGER.log(
                    Level.WARNING,
                    "members listen on {0} without cairn.cluster.key: whoever reaches port {1}"
                            + " can join the fleet",
                    options.host(),
                    Integer.toString(options.port()));
        }
        String id = "%d-%016x".formatted(options.port(), context.random().nextLong());
        Seal seal = options.key().map(Seal::with).orElseGet(Seal::open);
        HazelcastLink link =
                HazelcastLink.join(
                        options, id, new Frames(id, seal, context.clock(), context.random()));
        Fleet fleet = new Fleet(options, id, link, context.clock());
        fleet.start(context.telemetry());
        return fleet;
    }

    private void start(Telemetry telemetry) {
        telemetry.gauge(
                "cairn:cluster_members",
                "Members of the fleet, this one included.",
                Map.of(),
                () -> roll.members().size());
        telemetry.gauge(
                "cairn:directory_remote_blocks",
                "Blocks of other members that the directory knows of.",
                Map.of(),
                replicas::size);
        telemetry.gauge(
                "cairn:directory_own_blocks",
                "Blocks of this member that the others know of.",
                Map.of(),
                holdings::size);
        telemetry.gauge(
                "cairn:directory_bytes",
                "Memory of the directory's replica of the others.",
                Map.of(),
                replicas::bytes);
        thread.start(
                () -> {
                    changesNoticed.set(false);
                    state.tick();
                });
        link.start(new Heard());
        thread.execute(state::lookAround);
    }

    /**
     * @param closed runs when it is closed
     */
    Membership membership(Runnable closed) {
        return new SharedMembership(closed);
    }

    /**
     * @param closed runs when it is closed
     */
    BlockDirectory directory(Runnable closed) {
        return new SharedDirectory(closed);
    }

    /**
     * @param closed runs when they are closed
     */
    ClusterCommands commands(Runnable closed) {
        return new SharedCommands(closed);
    }

    /** Leaves. */
    void leave() {
        commands.close();
        thread.close();
        state.sayFarewell();
        link.close();
        listeners.shutdown();
    }

    private void noticeChanges() {
        if (changesNoticed.compareAndSet(false, true)) {
            thread.execute(
                    () -> {
                        changesNoticed.set(false);
                        state.blocksChanged();
                    });
        }
    }

    /** What comes over the link. */
    private final class Heard implements Link.Receiver {

        @Override
        public void heard(String from, byte[] message) {
            thread.execute(() -> state.hear(from, message));
        }

        @Override
        public byte[] asked(String from, Question question) {
            return switch (question) {
                case Question.Differences asked -> holdings.answer(asked).encode();
                case Question.Contents asked -> holdings.answer(asked).encode();
                case Question.Command asked -> commands.answer(asked);
            };
        }

        @Override
        public void membersChanged() {
            thread.execute(state::lookAround);
        }
    }

    private final class SharedMembership implements Membership {

        private final Runnable closed;

        SharedMembership(Runnable closed) {
            this.closed = closed;
        }

        @Override
        public Member self() {
            return roll.own().member();
        }

        @Override
        public void update(Member self) {
            roll.describe(self);
            thread.execute(state::factsChanged);
        }

        @Override
        public List<Member> members() {
            return roll.members();
        }

        @Override
        public void listen(MembershipListener listener) {
            roll.listen(listener);
        }

        @Override
        public void close() {
            closed.run();
        }
    }

    private final class SharedDirectory implements BlockDirectory {

        private final Runnable closed;

        SharedDirectory(Runnable closed) {
            this.closed = closed;
        }

        @Override
        public void announce(List<BlockKey> keys, String tier) {
            holdings.announce(keys, tier);
            noticeChanges();
        }

        @Override
        public void withdraw(List<BlockKey> keys, String tier) {
            holdings.withdraw(keys, tier);
            noticeChanges();
        }

        @Override
        public List<BlockHolder> holders(BlockKey key) {
            return replicas.holders(digest.high(key), digest.low(key));
        }

        @Override
        public void close() {
            closed.run();
        }
    }

    private final class SharedCommands implements ClusterCommands {

        private final Runnable closed;

        SharedCommands(Runnable closed) {
            this.closed = closed;
        }

        @Override
        public void ask(
                String member,
                String command,
                JsonValue argument,
                Duration atMost,
                Completion<JsonValue> done) {
            commands.ask(member, command, argument, atMost, done);
        }

        @Override
        public void handle(String command, CommandHandler handler) {
            commands.handle(command, handler);
        }

        @Override
        public void close() {
            closed.run();
        }
    }
}
