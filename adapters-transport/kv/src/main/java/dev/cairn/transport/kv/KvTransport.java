package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.ports.system.Timers.Cancellation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Blocks between members over our own protocol, described in {@code docs/kv-transport.md}: one
 * connection carries the pulls of one member from another, and where both are processes of one
 * machine, the bytes take memory that both map.
 *
 * <p>Threads: any. Two per connection, one that accepts, one that watches.
 */
public final class KvTransport implements BlockTransport {

    public static final String NAME = "kv";

    private static final int MOST_PEERS = 4096;

    private final KvOptions options;
    private final Clock clock;
    private final RandomSource random;
    private final Handshake handshake;
    private final Pipes pipes;
    private final Watch watch;
    private final Listener listener;
    private final Map<String, PeerLink> peers = new ConcurrentHashMap<>();
    private volatile boolean closed;
    private volatile BlockSource source = new NothingHere();

    /**
     * @throws IOException if the address cannot be listened on
     * @throws IllegalArgumentException if the options would let anybody pull
     */
    public KvTransport(KvOptions options, Clock clock, RandomSource random) throws IOException {
        this(options, Preamble.OURS, clock, random);
    }

    KvTransport(KvOptions options, Preamble versions, Clock clock, RandomSource random)
            throws IOException {
        this.options = options;
        this.clock = clock;
        this.random = random;
        demandProtection(options);
        this.pipes = new Pipes(options);
        Rings rings = options.ringBytes() == 0 ? Rings.off() : Rings.in(options.ringBytes());
        this.handshake =
                new Handshake(
                        versions, SharedKey.of(options.key()), options.limits().credit(), rings);
        this.watch = new Watch(clock, options.times().timeout());
        try {
            this.listener =
                    new Listener(pipes, handshake, new CurrentSource(), options, watch, clock);
        } catch (IOException | RuntimeException e) {
            watch.close();
            throw e;
        }
    }

    /** Blocks tell what was asked and answered: strangers must not pull them by mistake. */
    private static void demandProtection(KvOptions options) {
        var address = new InetSocketAddress(options.host(), options.port()).getAddress();
        boolean local = address != null && address.isLoopbackAddress();
        if (!local && options.key().isEmpty() && options.tls().isEmpty() && !options.insecure()) {
            throw new IllegalArgumentException(
                    "%s is %s, where anybody could pull blocks; set %s or %s, or %s=true"
                            .formatted(
                                    KvSettings.HOST,
                                    options.host(),
                                    KvSettings.KEY,
                                    KvSettings.TLS_CERTIFICATE,
                                    KvSettings.INSECURE));
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String address() {
        return options.advertisedHost().orElse(options.host()) + ":" + listener.port();
    }

    @Override
    public void serve(BlockSource blocks) {
        source = blocks;
    }

    @Override
    public Cancellation pull(String peerAddress, List<BlockRead> blocks, GetOutcomes outcomes) {
        List<Pull> pulls = split(blocks, outcomes);
        Optional<PeerLink> link = closed ? Optional.empty() : link(peerAddress);
        if (link.isEmpty()) {
            pulls.forEach(pull -> pull.endAll(GetOutcome.FAILED));
            return () -> {};
        }
        Outgoing[] carriers = new Outgoing[pulls.size()];
        for (int i = 0; i < carriers.length; i++) {
            carriers[i] = start(link.get(), pulls.get(i));
        }
        return () -> {
            for (int i = 0; i < carriers.length; i++) {
                if (carriers[i] != null) {
                    carriers[i].cancel(pulls.get(i));
                }
            }
        };
    }

    private Outgoing start(PeerLink link, Pull pull) {
        // The other side must be able to send a slice while another one's credit is on its way.
        if (!Wire.fits(pull.range().kind())
                || 2L * pull.range().sliceBytes() > options.limits().credit()) {
            link.refused(
                    "slices of %d bytes; %s must be at least twice as much"
                            .formatted(pull.range().sliceBytes(), KvSettings.CREDIT));
            pull.endAll(GetOutcome.FAILED);
            return null;
        }
        return link.pull(pull);
    }

    /** Requests for the same layers of one kind, none larger than the protocol takes. */
    private static List<Pull> split(List<BlockRead> blocks, GetOutcomes outcomes) {
        List<Range> ranges = new ArrayList<>();
        int[] rangeOf = new int[blocks.size()];
        for (int i = 0; i < rangeOf.length; i++) {
            rangeOf[i] = indexOf(blocks.get(i), ranges);
        }
        List<Pull> pulls = new ArrayList<>();
        int[] places = new int[Math.min(rangeOf.length, Wire.MOST_PULLED)];
        for (int range = 0; range < ranges.size(); range++) {
            int count = 0;
            for (int i = 0; i < rangeOf.length; i++) {
                if (rangeOf[i] == range) {
                    places[count++] = i;
                }
                if (count == Wire.MOST_PULLED || (count > 0 && i == rangeOf.length - 1)) {
                    int[] own = Arrays.copyOf(places, count);
                    pulls.add(new Pull(ranges.get(range), blocks, own, outcomes));
                    count = 0;
                }
            }
        }
        return pulls;
    }

    private static int indexOf(BlockRead block, List<Range> ranges) {
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).covers(block)) {
                return i;
            }
        }
        ranges.add(Range.of(block));
        return ranges.size() - 1;
    }

    private Optional<PeerLink> link(String address) {
        PeerLink known = peers.get(address);
        if (known != null) {
            return Optional.of(known);
        }
        if (peers.size() >= MOST_PEERS) {
            peers.values().removeIf(PeerLink::isIdle);
        }
        return peers.size() >= MOST_PEERS
                ? Optional.empty()
                : Optional.of(peers.computeIfAbsent(address, this::newLink));
    }

    private PeerLink newLink(String address) {
        return new PeerLink(
                address,
                owner ->
                        new Outgoing(
                                address,
                                () -> pipes.connect(address),
                                handshake,
                                owner,
                                options,
                                clock),
                watch,
                options.limits(),
                clock,
                random);
    }

    @Override
    public PeerState peer(String peerAddress) {
        PeerLink link = peers.get(peerAddress);
        return link == null ? PeerState.UNKNOWN : link.state();
    }

    @Override
    public Map<String, PeerState> peers() {
        Map<String, PeerState> states = new HashMap<>();
        peers.forEach((address, link) -> states.put(address, link.state()));
        return states;
    }

    @Override
    public void close() {
        closed = true;
        listener.close();
        peers.values().forEach(PeerLink::close);
        watch.close();
    }

    /** Whatever was set last. */
    private final class CurrentSource implements BlockSource {

        @Override
        public List<BlockKind> kinds() {
            return source.kinds();
        }

        @Override
        public void lend(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            source.lend(key, layout, atMost, done);
        }
    }

    private static final class NothingHere implements BlockSource {

        @Override
        public List<BlockKind> kinds() {
            return List.of();
        }

        @Override
        public void lend(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            done.completed(Optional.empty());
        }
    }
}
