package dev.cairn.transport.kv;

import static dev.cairn.tck.LentBlocks.KIND;
import static dev.cairn.tck.LentBlocks.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.Timers.Cancellation;
import dev.cairn.tck.LentBlocks;
import dev.cairn.tck.Outcomes;
import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random pulls of random blocks, present and absent, while bytes flip, connections are cut, lenders
 * are late or fail, and pulls are cancelled: what is found is right, everything ends, everything
 * that was lent comes back, and neither descriptors nor memory grow.
 */
@ExtendWith(QuietLog.class)
final class RandomPullsIT {

    private static final int PULLS = TestSize.pick(240, 60_000);
    private static final int HELD = 40;

    @ParameterizedTest(name = "shared memory: {0}")
    @ValueSource(booleans = {false, true})
    void whateverHappensNothingWrongIsFound(boolean sharedMemory) throws Exception {
        long seed = new Random().nextLong();
        System.out.println("RandomPullsIT seed " + seed);
        Random random = new Random(seed);
        var clock = new HurriedClock();
        try (var blocks = new Moody(seed)) {
            for (int i = 0; i < HELD; i++) {
                blocks.add(KIND, i);
                blocks.add(WINDOW, i);
            }
            int found;
            try (KvTransport server = TestTransports.open(TestTransports.options(sharedMemory));
                    var wire = new Wiretap(server.address(), _ -> new Faults(random.nextLong()));
                    KvTransport client =
                            TestTransports.open(TestTransports.options(sharedMemory), clock)) {
                server.serve(blocks);
                found = pulls(client, clock, wire.address(), random, PULLS / 4);
                long descriptors = descriptors();
                long direct = directBytes();
                found += pulls(client, clock, wire.address(), random, PULLS - PULLS / 4);
                // A connection's worth may be on its way in or out.
                assertThat(descriptors()).as("seed %d", seed).isLessThan(descriptors + 40);
                assertThat(directBytes()).as("seed %d", seed).isLessThan(direct + (16 << 20));
            }
            blocks.awaitTheLate();
            assertThat(found).as("seed %d", seed).isGreaterThan(PULLS / 2);
            assertThat(blocks.lent()).as("seed %d", seed).isZero();
        }
    }

    private static int pulls(
            KvTransport client, HurriedClock clock, String peer, Random random, int count) {
        int found = 0;
        for (int i = 0; i < count; i++) {
            // One for all of a pull: to close shared memory stops every thread for a moment.
            Arena memory = Arena.ofShared();
            List<BlockRead> reads = new ArrayList<>();
            List<byte[]> expected = new ArrayList<>();
            for (int block = random.nextInt(1, 8); block > 0; block--) {
                BlockKind kind = random.nextInt(4) == 0 ? WINDOW : KIND;
                int number = random.nextInt(HELD + 4);
                reads.add(read(kind, number, memory));
                expected.add(LentBlocks.bytes(kind, number));
            }
            var outcomes = new Outcomes();
            Cancellation pull = client.pull(peer, reads, outcomes.ofReads(reads));
            if (random.nextInt(4) == 0) {
                pull.cancel();
            }
            List<GetOutcome> ended = outcomes.await(reads);
            for (int block = 0; block < ended.size(); block++) {
                if (ended.get(block) == GetOutcome.FOUND) {
                    found++;
                    assertThat(LentBlocks.contentOf(reads.get(block)))
                            .isEqualTo(expected.get(block));
                }
            }
            // Their memory is gone from here on: a late write would end the process.
            memory.close();
            awaitPeer(client, clock, peer);
        }
        return found;
    }

    private static BlockRead read(BlockKind kind, int number, Arena memory) {
        MemorySegment target = memory.allocate(kind.layout().blockBytes(), Long.BYTES);
        var lease =
                new MemoryLease() {
                    @Override
                    public MemorySegment segment() {
                        return target;
                    }

                    @Override
                    public void close() {
                        // The pull's, with all others of it.
                    }
                };
        return new BlockRead(LentBlocks.key(kind, number), kind.layout(), lease);
    }

    /** The pause after a failure is the transport's; to the client it is over at once. */
    private static void awaitPeer(KvTransport client, HurriedClock clock, String peer) {
        while (client.peer(peer).avoided()) {
            clock.skip(Duration.ofMillis(100));
        }
    }

    private static long descriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    /** Real time, and what was skipped of it. */
    private static final class HurriedClock implements Clock {

        private final AtomicLong skipped = new AtomicLong();

        void skip(Duration time) {
            skipped.addAndGet(time.toNanos());
        }

        @Override
        public long nanos() {
            return TestTransports.CLOCK.nanos() + skipped.get();
        }

        @Override
        public long epochMillis() {
            return TestTransports.CLOCK.epochMillis();
        }
    }

    /** Flips a byte or cuts the connection, rarely. */
    private static final class Faults implements Wiretap.Meddler {

        private final Random random;

        Faults(long seed) {
            random = new Random(seed);
        }

        @Override
        public int meddle(byte[] bytes, int count, long position) {
            return switch (random.nextInt(400)) {
                case 0 -> {
                    bytes[random.nextInt(count)] ^= (byte) (1 << random.nextInt(8));
                    yield count;
                }
                case 1 -> random.nextInt(count);
                default -> count;
            };
        }
    }

    /** Lends at once, later from another thread, or not. */
    private static final class Moody extends LentBlocks {

        private final AtomicInteger calls = new AtomicInteger();
        private final Phaser late = new Phaser(1);
        private final long seed;

        Moody(long seed) {
            this.seed = seed;
        }

        @Override
        public void lend(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            int call = calls.incrementAndGet();
            switch (new Random(seed + call).nextInt(12)) {
                case 0 -> done.failed(new IllegalStateException("not today"));
                case 1, 2 -> {
                    late.register();
                    Thread.ofVirtual().start(() -> lendLate(key, layout, atMost, done));
                }
                default -> super.lend(key, layout, atMost, done);
            }
        }

        private void lendLate(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            super.lend(key, layout, atMost, done);
            late.arriveAndDeregister();
        }

        void awaitTheLate() {
            late.arriveAndAwaitAdvance();
        }
    }
}
