package dev.cairn.transport.kv;

import static dev.cairn.tck.LentBlocks.KIND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.tck.LentBlocks;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer that is another process dies or is stopped while it sends: no wrong byte is found, every
 * pull ends, and nothing stays behind in the memory that both mapped.
 */
@ExtendWith(QuietLog.class)
final class KilledPeerIT {

    private static final Duration TIMEOUT = Duration.ofMillis(700);
    private static final int KILLS = TestSize.pick(2, 50);
    private static final int STOPS = TestSize.pick(1, 10);

    @ParameterizedTest(name = "shared memory: {0}")
    @ValueSource(booleans = {false, true})
    void aKilledPeerFailsPullsAndLeavesNothing(boolean sharedMemory) throws Exception {
        Random random = seeded();
        try (KvTransport client = open(sharedMemory)) {
            for (int kill = 0; kill < KILLS; kill++) {
                try (ServingProcess peer = ServingProcess.start(sharedMemory)) {
                    Load load = new Load(client, peer.address());
                    load.foundAfter(random.nextInt(1, 200));
                    peer.signal("KILL");
                    load.endsFailing();
                    assertThat(namesOf(peer.pid())).isEmpty();
                }
            }
        }
    }

    @ParameterizedTest(name = "shared memory: {0}")
    @ValueSource(booleans = {false, true})
    void aStoppedPeerIsAvoidedAndComesBack(boolean sharedMemory) throws Exception {
        Random random = seeded();
        try (KvTransport client = open(sharedMemory);
                ServingProcess peer = ServingProcess.start(sharedMemory)) {
            for (int stop = 0; stop < STOPS; stop++) {
                Load load = new Load(client, peer.address());
                load.foundAfter(random.nextInt(1, 200));
                peer.signal("STOP");
                load.endsFailing();
                peer.signal("CONT");
                Load again = new Load(client, peer.address());
                again.foundAfter(1);
                again.stop();
            }
        }
    }

    private static Random seeded() {
        long seed = new Random().nextLong();
        System.out.println("KilledPeerIT seed " + seed);
        return new Random(seed);
    }

    private static KvTransport open(boolean sharedMemory) {
        return TestTransports.open(
                TestTransports.patient(sharedMemory, TIMEOUT, TIMEOUT.multipliedBy(2)));
    }

    private static List<Path> namesOf(long pid) throws IOException {
        List<Path> names = new ArrayList<>();
        Path folder = Path.of("/dev/shm");
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files =
                    Files.newDirectoryStream(folder, "cairn-kv-" + pid + "-*")) {
                files.forEach(names::add);
            }
        }
        return names;
    }

    /** Pulls again and again, several at once, and looks at what it finds. */
    private static final class Load {

        private static final int PULLS = 4;
        private static final int BLOCKS = 16;

        private final KvTransport client;
        private final String peer;
        private final AtomicInteger found = new AtomicInteger();
        private final AtomicReferenceArray<GetOutcome> last = new AtomicReferenceArray<>(PULLS);
        private final List<Thread> threads = new ArrayList<>();
        private final List<Throwable> wrong = new ArrayList<>();
        private volatile boolean untilFailure;
        private volatile boolean stopped;

        Load(KvTransport client, String peer) {
            this.client = client;
            this.peer = peer;
            for (int i = 0; i < PULLS; i++) {
                int number = i;
                threads.add(
                        Thread.ofPlatform()
                                .uncaughtExceptionHandler((_, problem) -> note(problem))
                                .start(() -> pull(number)));
            }
        }

        private synchronized void note(Throwable problem) {
            wrong.add(problem);
            stopped = true;
        }

        private void pull(int number) {
            List<BlockRead> reads = reads(number);
            try {
                while (!stopped && !(untilFailure && last.get(number) == GetOutcome.FAILED)) {
                    reads.forEach(read -> read.target().segment().fill((byte) 0));
                    last.set(number, once(reads, number));
                }
            } finally {
                reads.forEach(read -> read.target().close());
            }
        }

        private GetOutcome once(List<BlockRead> reads, int number) {
            Semaphore ended = new Semaphore(0);
            var outcomes = new AtomicReferenceArray<GetOutcome>(BLOCKS);
            GetOutcomes hears =
                    (block, outcome) -> {
                        outcomes.set(block, outcome);
                        ended.release();
                    };
            client.pull(peer, reads, hears);
            ended.acquireUninterruptibly(BLOCKS);
            GetOutcome worst = GetOutcome.FOUND;
            for (int i = 0; i < BLOCKS; i++) {
                if (outcomes.get(i) == GetOutcome.FOUND) {
                    assertThat(LentBlocks.contentOf(reads.get(i)))
                            .isEqualTo(LentBlocks.bytes(KIND, number * BLOCKS + i));
                    found.incrementAndGet();
                } else {
                    worst = outcomes.get(i);
                }
            }
            return worst;
        }

        private static List<BlockRead> reads(int number) {
            return IntStream.range(number * BLOCKS, (number + 1) * BLOCKS)
                    .mapToObj(block -> LentBlocks.read(KIND, block))
                    .toList();
        }

        /** Waits until so many blocks were found. */
        void foundAfter(int blocks) {
            while (found.get() < blocks && !stopped) {
                Thread.onSpinWait();
            }
        }

        /** Waits until every thread has seen a pull fail; the peer is avoided then. */
        void endsFailing() throws InterruptedException {
            untilFailure = true;
            join();
            for (int i = 0; i < PULLS; i++) {
                assertThat(last.get(i)).isEqualTo(GetOutcome.FAILED);
            }
            assertThat(client.peer(peer).rates().readBytesPerSecond()).isPositive();
        }

        void stop() throws InterruptedException {
            stopped = true;
            join();
        }

        private void join() throws InterruptedException {
            for (Thread thread : threads) {
                thread.join();
            }
            synchronized (this) {
                assertThat(wrong).isEmpty();
            }
        }
    }
}
