package dev.cairn.distribution.wiring;

import dev.cairn.core.block.CacheListener;
import dev.cairn.core.cache.DeviceBlocks;
import dev.cairn.core.cache.PeerPorts;
import dev.cairn.core.share.DirectoryFeed;
import dev.cairn.core.share.HandOver;
import dev.cairn.core.share.HandOverReport;
import dev.cairn.core.share.MoveBlocks;
import dev.cairn.core.share.TakeBlocks;
import dev.cairn.core.share.TierSource;
import dev.cairn.core.share.WatchedTier;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.Completion;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The cache's part in a fleet: what tiers hold is announced and lent, peers' blocks are pulled, and
 * blocks are handed over. Without a fleet, or with {@code cairn.cache.peers=off}, nothing is
 * opened.
 *
 * <p>Threads: one for opening and closing, any for the rest.
 */
@Singleton
public final class CacheSharing {

    private static final System.Logger LOG = System.getLogger(CacheSharing.class.getName());

    private final Configuration configuration;
    private final PluginCatalog plugins;
    private final PluginContext context;
    private final Cluster cluster;
    private final ThreadMailboxes mailboxes;
    private final SystemTimers timers;
    private final ProgramTelemetry telemetry;
    private final List<StagingMemory> memory = new CopyOnWriteArrayList<>();
    private final List<Consumer<BlockKey>> listeners = new CopyOnWriteArrayList<>();
    private FirstTier firstTier;
    private BlockTransport transport;
    private DirectoryFeed feed;
    private TierSource source;
    private boolean devicesToo;
    private TakeBlocks takeBlocks;
    private volatile HandOver handOver;
    private volatile MoveBlocks moveBlocks;

    @Inject
    CacheSharing(
            Configuration configuration,
            PluginCatalog plugins,
            PluginContext context,
            Cluster cluster,
            ThreadMailboxes mailboxes,
            SystemTimers timers,
            ProgramTelemetry telemetry) {
        this.configuration = configuration;
        this.plugins = plugins;
        this.context = context;
        this.cluster = cluster;
        this.mailboxes = mailboxes;
        this.timers = timers;
        this.telemetry = telemetry;
    }

    /**
     * Whether there may be peers.
     *
     * @throws dev.cairn.ports.system.Settings.SettingException if that is set to something unknown
     */
    boolean isOn() {
        String wanted = configuration.requiredText(ProgramSettings.CACHE_PEERS);
        if (!wanted.equals("auto") && !wanted.equals("off")) {
            throw configuration.problem(
                    ProgramSettings.CACHE_PEERS,
                    "\"%s\" is unknown; write auto or off".formatted(wanted));
        }
        return wanted.equals("auto")
                && (cluster.configured() || isSplit())
                && configuration.flag(ProgramSettings.PREFIX_CACHING).orElse(true);
    }

    /** Whether this process reads prompts for others, or writes answers to prompts read so. */
    boolean isSplit() {
        return switch (WorkerNode.role(configuration)) {
            case PREFILL, DECODE -> true;
            case ALL, ROUTER -> false;
        };
    }

    /**
     * Joins with these tiers, fastest first: they are told of and lent from now on.
     *
     * @param devicesToo whether blocks may lie in a device and in none of the tiers
     * @return the tiers to use instead, which see what happens
     */
    Joined join(List<BlockTier> tiers, boolean devicesToo) {
        this.devicesToo = devicesToo;
        transport = openTransport();
        telemetry.gauge(
                "cairn:peer_staging_used_bytes",
                "Memory of blocks that are on their way from or to peers now",
                Map.of(),
                this::stagingInUse);
        feed = new DirectoryFeed(cluster.directory(), timers, mailboxes);
        List<BlockTier> watched = new ArrayList<>();
        tiers.forEach(tier -> watched.add(feed.watch(tier)));
        if (!watched.isEmpty()) {
            watched.set(0, new WatchedTier(watched.getFirst(), this::changed));
            firstTier = new FirstTier(watched.getFirst(), transport, listeners);
        }
        source = new TierSource(watched, memory(), mailboxes, telemetry);
        transport.serve(source);
        if (!watched.isEmpty()) {
            take(watched.getFirst());
        }
        moveBlocks =
                new MoveBlocks(
                        cluster.membership().self().id(), watched, cluster.commands(), mailboxes);
        cluster.describe(this::reachable);
        return new Joined(
                watched, new PeerPorts(cluster.membership(), cluster.directory(), transport));
    }

    private void changed(BlockKey key) {
        for (Consumer<BlockKey> listener : listeners) {
            listener.accept(key);
        }
    }

    /**
     * The tier from and to which blocks travel.
     *
     * @param listeners hear of every block that comes or goes; they must not wait
     */
    record FirstTier(
            BlockTier tier, BlockTransport transport, List<Consumer<BlockKey>> listeners) {}

    /** Empty where blocks do not travel. */
    Optional<FirstTier> firstTier() {
        return Optional.ofNullable(firstTier);
    }

    private void take(BlockTier first) {
        Membership membership = cluster.membership();
        TakeBlocks take =
                new TakeBlocks(first, membership, transport, memory(), mailboxes, telemetry);
        takeBlocks = take;
        cluster.commands()
                .handle(
                        TakeBlocks.COMMAND,
                        asked -> Waiting.forAnswer(done -> take.take(asked, done)));
        handOver =
                new HandOver(
                        first,
                        membership,
                        cluster.directory(),
                        cluster.commands(),
                        timers,
                        mailboxes);
    }

    /** By which blocks come that others hand over; empty where none do. */
    Optional<TakeBlocks> takes() {
        return Optional.ofNullable(takeBlocks);
    }

    /** Memory for blocks on their way, given back with everything else here. */
    StagingMemory memory() {
        StagingMemory own =
                new StagingMemory(configuration.size(ProgramSettings.PEERS_STAGING).getAsLong());
        memory.add(own);
        return own;
    }

    private double stagingInUse() {
        return memory.stream().mapToLong(own -> own.capacity() - own.available()).sum();
    }

    private BlockTransport openTransport() {
        return plugins.extensions(context, CairnPlugin::blockTransports).stream()
                .findFirst()
                .orElseThrow(
                        () ->
                                configuration.problem(
                                        ProgramSettings.CACHE_PEERS,
                                        "nothing here moves blocks between members; write off"))
                .extension()
                .open()
                .get();
    }

    private Member reachable(Member self) {
        Map<String, String> addresses = new HashMap<>(self.transferAddresses());
        addresses.put(transport.name(), transport.address());
        return new Member(
                self.id(),
                self.role(),
                self.httpAddress(),
                addresses,
                self.models(),
                self.draining(),
                self.properties());
    }

    /** Who hears what changes in an engine's device, so that peers know; asked after joining. */
    CacheListener listener(RunnerDescription runner) {
        return source != null && devicesToo ? feed.watch(runner) : CacheListener.NONE;
    }

    /** Peers may ask for blocks of this engine from now on. */
    void offer(RunnerDescription runner, DeviceBlocks device) {
        if (source != null && devicesToo) {
            source.offer(runner, device);
        } else if (source != null) {
            source.offer(runner);
        }
    }

    /** Whether there is anybody to hand blocks to, and anything to hand over. */
    public boolean canHandOver() {
        return handOver != null;
    }

    /**
     * Says that this member takes no new work, and hands over what would be missed most.
     *
     * @throws IllegalStateException if there is no fleet, or no tier
     */
    public void drain(Duration atMost, Completion<HandOverReport> done) {
        HandOver hands = handOver;
        if (hands == null) {
            throw new IllegalStateException(
                    "nothing can be handed over: that takes --cluster-port and cairn.cache.tiers");
        }
        cluster.describe(Cluster::draining);
        hands.start(
                configuration.size(ProgramSettings.HAND_OVER_SIZE).orElse(Long.MAX_VALUE),
                atMost,
                done);
    }

    /**
     * Moves blocks to another member.
     *
     * @throws IllegalStateException if there is no fleet
     */
    public void move(
            Set<BlockKey> keys, String member, Duration atMost, Completion<List<BlockKey>> moved) {
        MoveBlocks moves = moveBlocks;
        if (moves == null) {
            throw new IllegalStateException(
                    "blocks can be moved to members of a fleet only: that takes --cluster-port");
        }
        moves.start(keys, member, atMost, moved);
    }

    /** Hands over before the process ends, as long as configuration says. Waits. */
    void drainBeforeTheEnd() {
        Duration atMost = configuration.duration(ProgramSettings.HAND_OVER_TIME).orElseThrow();
        if (handOver == null || atMost.isZero() || isAlone()) {
            return;
        }
        HandOverReport report = Waiting.forAnswer(done -> drain(atMost, done));
        LOG.log(
                System.Logger.Level.INFO,
                "handed over {0} of {1} blocks, {2} are elsewhere, {3} are lost",
                report.handed(),
                report.blocks(),
                report.elsewhere(),
                report.left());
    }

    /** Whether nobody else is there. */
    boolean isAlone() {
        return cluster.membership().members().size() < 2;
    }

    /** Serves and pulls nothing more; what was lent is back afterwards. */
    void close() {
        if (transport != null) {
            handOver = null;
            moveBlocks = null;
            feed.close();
            transport.close();
            source.close();
            memory.forEach(StagingMemory::close);
            memory.clear();
            transport = null;
        }
    }

    /**
     * @param tiers to use from now on
     * @param peers to pull from
     */
    record Joined(List<BlockTier> tiers, PeerPorts peers) {}
}
