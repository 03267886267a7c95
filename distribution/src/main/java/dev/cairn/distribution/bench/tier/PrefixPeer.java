package dev.cairn.distribution.bench.tier;

import dev.cairn.core.cache.PeerPorts;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.system.Completion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Another process that holds all blocks of a prefix in its memory, and the fleet of the two. Who is
 * there and who holds what is fixed: what is measured is the transport.
 *
 * <p>Threads: one measures.
 */
final class PrefixPeer implements AutoCloseable {

    private static final String SELF = "measures";
    private static final String PEER = "lends";
    private static final int END_SECONDS = 5;

    private final BlockTransport transport;
    private final PulledBlocks blocks;
    private final Set<BlockKey> held = new HashSet<>();
    private final Process process;
    private final String address;

    /**
     * Starts it, and waits until it has the blocks.
     *
     * @param transport of this process, closed with this
     * @param tier that holds the blocks, and lends
     * @throws IllegalStateException if it does not start
     */
    PrefixPeer(BlockTransport transport, BlockTier tier) {
        this.transport = transport;
        List<PulledBlocks.Named> names = new ArrayList<>();
        tier.entries(entry -> names.add(new PulledBlocks.Named(entry.key(), entry.layout())));
        names.forEach(name -> held.add(name.key()));
        this.blocks = new PulledBlocks(names);
        transport.serve(new Lent(tier, names));
        try {
            process = start();
            address = tell(names);
        } catch (IOException broken) {
            throw new UncheckedIOException("the process that lends did not start", broken);
        }
    }

    private static Process start() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.cairn.distribution.CairnLauncher",
                        "bench",
                        "tiers",
                        PrefixLender.OPTION));
        Process started =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(started::destroyForcibly, "end of the peer"));
        return started;
    }

    private String tell(List<PulledBlocks.Named> names) throws IOException {
        PrintWriter asks = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8));
        asks.println(transport.address());
        asks.println(names.size());
        names.forEach(name -> asks.println(PrefixLender.line(name)));
        asks.flush();
        String answer = process.inputReader(StandardCharsets.UTF_8).readLine();
        if (answer == null) {
            throw new IllegalStateException("the process that lends ended before it lent");
        }
        return answer.strip();
    }

    /**
     * Pulls all blocks once, without an engine.
     *
     * @return bytes per second
     */
    double pull() {
        return blocks.pull(transport, address);
    }

    /** Which way the bytes take. */
    String path() {
        return transport.peer(address).path();
    }

    PeerPorts ports() {
        return new PeerPorts(new TwoMembers(address), new AllAtPeer(held), transport);
    }

    @Override
    public void close() {
        endProcess();
        transport.close();
        blocks.close();
    }

    /** The end of its input is its end. */
    private void endProcess() {
        try {
            process.getOutputStream().close();
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (IOException gone) {
            // It ended before.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    /** A tier as a source. */
    private record Lent(BlockTier tier, List<BlockKind> kinds) implements BlockSource {

        Lent(BlockTier tier, Iterable<PulledBlocks.Named> names) {
            this(tier, kindsOf(names));
        }

        private static List<BlockKind> kindsOf(Iterable<PulledBlocks.Named> names) {
            List<BlockKind> kinds = new ArrayList<>();
            for (PulledBlocks.Named name : names) {
                BlockKind kind = BlockKind.of(name.key(), name.layout());
                if (!kinds.contains(kind)) {
                    kinds.add(kind);
                }
            }
            return kinds;
        }

        @Override
        public void lend(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            done.completed(tier.lend(key, layout, atMost));
        }
    }

    private record TwoMembers(String address) implements Membership {

        private static Member member(String id, Map<String, String> addresses) {
            return new Member(id, Role.ALL, "", addresses, Set.of(), false, Map.of());
        }

        @Override
        public Member self() {
            return member(SELF, Map.of());
        }

        @Override
        public void update(Member self) {}

        @Override
        public List<Member> members() {
            return List.of(self(), member(PEER, Map.of("kv", address)));
        }

        @Override
        public void listen(MembershipListener listener) {}

        @Override
        public void close() {}
    }

    private record AllAtPeer(Set<BlockKey> held) implements BlockDirectory {

        private static final List<BlockHolder> PEER_ALONE = List.of(new BlockHolder(PEER, "host"));

        @Override
        public void announce(List<BlockKey> keys, String tier) {}

        @Override
        public void withdraw(List<BlockKey> keys, String tier) {}

        @Override
        public List<BlockHolder> holders(BlockKey key) {
            return held.contains(key) ? PEER_ALONE : List.of();
        }

        @Override
        public void close() {}
    }
}
