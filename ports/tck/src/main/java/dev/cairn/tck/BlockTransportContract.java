package dev.cairn.tck;

import static dev.cairn.tck.LentBlocks.KIND;
import static dev.cairn.tck.LentBlocks.LAYOUT;
import static dev.cairn.tck.LentBlocks.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the cache relies on in a {@link BlockTransport}: what arrives is what was lent, whatever
 * does not arrive ends once with its reason, and everything that was lent comes back.
 */
public abstract class BlockTransportContract {

    private LentBlocks blocks;
    private BlockTransport here;
    private BlockTransport there;

    /** Opens a transport that can reach every other one that this method opens. */
    protected abstract BlockTransport open();

    /** An address where nobody listens. */
    protected abstract String nobody();

    @BeforeEach
    final void openBoth() {
        blocks = new LentBlocks();
        here = open();
        there = open();
    }

    @AfterEach
    final void closeBoth() {
        here.close();
        there.close();
        assertThat(blocks.lent()).as("blocks that were lent and not given back").isZero();
        blocks.close();
    }

    @Test
    protected void whatArrivesIsWhatWasLent() {
        hold(KIND, 8);
        there.serve(blocks);
        assertArrive(reads(KIND, 8));
        assertArrive(reads(KIND, 3));
        assertThat(here.peer(there.address()).avoided()).isFalse();
        assertThat(here.peer(there.address()).path()).isNotEmpty();
        assertThat(here.peer(there.address()).rates().readBytesPerSecond()).isPositive();
        assertThat(here.peers()).containsOnlyKeys(there.address());
    }

    @Test
    protected void manyBlocksComeInOnePull() {
        hold(KIND, 300);
        there.serve(blocks);
        assertArrive(reads(KIND, 300));
    }

    @Test
    protected void blocksOfSeveralGroupsComeInOnePull() {
        hold(KIND, 5);
        hold(WINDOW, 5);
        there.serve(blocks);
        List<BlockRead> reads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            reads.add(LentBlocks.read(WINDOW, i));
            reads.add(LentBlocks.read(KIND, i));
        }
        assertThat(pull(reads)).containsOnly(GetOutcome.FOUND);
        for (int i = 0; i < reads.size(); i++) {
            assertThat(LentBlocks.contentOf(reads.get(i)))
                    .isEqualTo(LentBlocks.bytes(i % 2 == 0 ? WINDOW : KIND, i / 2));
        }
        close(reads);
    }

    @Test
    protected void someLayersOfABlockComeAlone() {
        hold(KIND, 2);
        there.serve(blocks);
        byte[] block = LentBlocks.bytes(KIND, 1);
        List<BlockRead> reads = new ArrayList<>();
        for (int layer = 0; layer < LAYOUT.layers(); layer++) {
            var target = OwnLease.native64(LAYOUT.sliceBytes());
            reads.add(new BlockRead(LentBlocks.key(KIND, 1), LAYOUT, layer, 1, target));
        }
        assertThat(pull(reads)).containsOnly(GetOutcome.FOUND);
        for (int layer = 0; layer < reads.size(); layer++) {
            int from = (int) LAYOUT.sliceOffset(layer);
            assertThat(LentBlocks.contentOf(reads.get(layer)))
                    .isEqualTo(Arrays.copyOfRange(block, from, from + (int) LAYOUT.sliceBytes()));
        }
        close(reads);
        assertArrive(reads(KIND, 2));
    }

    @Test
    protected void whatThePeerDoesNotHoldIsAbsent() {
        hold(KIND, 2);
        there.serve(blocks);
        List<BlockRead> reads = reads(KIND, 4);
        assertThat(pull(reads))
                .containsExactly(
                        GetOutcome.FOUND, GetOutcome.FOUND, GetOutcome.ABSENT, GetOutcome.ABSENT);
        close(reads);
    }

    @Test
    protected void blocksOfAnotherKindAreRefused() {
        hold(KIND, 1);
        there.serve(blocks);
        var identity = new ComputeIdentity("tck/2");
        KvLayout swapped = new KvLayout(4, 16, 32, 4, KvType.FLOAT32);
        for (BlockKind other :
                List.of(
                        new BlockKind("other", KIND.identity(), 0, LAYOUT),
                        new BlockKind("tck", identity, 0, LAYOUT),
                        new BlockKind("tck", KIND.identity(), 7, LAYOUT),
                        new BlockKind("tck", KIND.identity(), 0, swapped))) {
            List<BlockRead> reads = List.of(LentBlocks.read(other, 0));
            assertThat(pull(reads)).as("%s", other).containsExactly(GetOutcome.REFUSED);
            assertThat(LentBlocks.contentOf(reads.getFirst())).containsOnly((byte) 0);
            close(reads);
        }
        assertArrive(reads(KIND, 1));
    }

    @Test
    protected void aMemberThatServesNothingRefuses() {
        List<BlockRead> reads = reads(KIND, 1);
        assertThat(pull(reads)).containsExactly(GetOutcome.REFUSED);
        close(reads);
        hold(KIND, 1);
        there.serve(blocks);
        assertArrive(reads(KIND, 1));
    }

    @Test
    protected void bytesThatDoNotMatchTheirChecksumsAreDamaged() {
        hold(KIND, 3);
        blocks.damage(KIND, 1, LAYOUT.layers() - 1);
        there.serve(blocks);
        List<BlockRead> reads = reads(KIND, 3);
        assertThat(pull(reads))
                .containsExactly(GetOutcome.FOUND, GetOutcome.DAMAGED, GetOutcome.FOUND);
        close(reads);
    }

    @Test
    protected void whereNobodyListensPullsFailAndThePeerIsAvoided() {
        List<BlockRead> reads = reads(KIND, 2);
        assertThat(new Outcomes().pullAll(here, nobody(), reads)).containsOnly(GetOutcome.FAILED);
        assertThat(here.peer(nobody()).avoided()).isTrue();
        assertThat(new Outcomes().pullAll(here, nobody(), reads)).containsOnly(GetOutcome.FAILED);
        close(reads);
    }

    @Test
    protected void aPeerThatWasNeverAskedIsUnknown() {
        assertThat(here.peer(nobody())).isEqualTo(BlockTransport.PeerState.UNKNOWN);
        assertThat(here.peers()).isEmpty();
    }

    @Test
    protected void aLenderThatFailsFailsItsBlock() {
        hold(KIND, 2);
        there.serve(new Failing(LentBlocks.key(KIND, 0)));
        List<BlockRead> reads = reads(KIND, 2);
        assertThat(pull(reads)).containsExactly(GetOutcome.FAILED, GetOutcome.FOUND);
        close(reads);
    }

    /** The lender is slow, the pull is withdrawn, and the loan that comes too late goes back. */
    @Test
    protected void aCancelledPullEndsAndIsNotWritten() throws InterruptedException {
        hold(KIND, 2);
        Slow slow = new Slow(LentBlocks.key(KIND, 1));
        there.serve(slow);
        List<BlockRead> reads = reads(KIND, 2);
        var outcomes = new Outcomes();
        Cancellation pull = here.pull(there.address(), reads, outcomes.ofReads(reads));
        Runnable late = slow.asked.take();
        pull.cancel();
        assertThat(outcomes.await(reads).get(1)).isEqualTo(GetOutcome.FAILED);
        byte[] before = LentBlocks.contentOf(reads.get(1));
        late.run();
        assertArrive(reads(KIND, 1));
        assertThat(LentBlocks.contentOf(reads.get(1))).isEqualTo(before);
        pull.cancel();
        close(reads);
    }

    @Test
    protected void closingEndsPulls() throws InterruptedException {
        hold(KIND, 1);
        Slow slow = new Slow(LentBlocks.key(KIND, 0));
        there.serve(slow);
        List<BlockRead> reads = reads(KIND, 1);
        var outcomes = new Outcomes();
        here.pull(there.address(), reads, outcomes.ofReads(reads));
        Runnable late = slow.asked.take();
        here.close();
        assertThat(outcomes.await(reads)).containsExactly(GetOutcome.FAILED);
        there.close();
        late.run();
        close(reads);
    }

    @Test
    protected void aPeerThatClosesFailsPullsAndMayComeBack() throws InterruptedException {
        hold(KIND, 1);
        Slow slow = new Slow(LentBlocks.key(KIND, 0));
        there.serve(slow);
        List<BlockRead> reads = reads(KIND, 1);
        var outcomes = new Outcomes();
        here.pull(there.address(), reads, outcomes.ofReads(reads));
        Runnable late = slow.asked.take();
        there.close();
        assertThat(outcomes.await(reads)).containsExactly(GetOutcome.FAILED);
        late.run();
        close(reads);
    }

    /** Both members pull from each other, on several threads. */
    @Test
    protected void pullsRunSideBySide() throws Exception {
        hold(KIND, 40);
        here.serve(blocks);
        there.serve(blocks);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                BlockTransport from = i % 2 == 0 ? here : there;
                BlockTransport to = i % 2 == 0 ? there : here;
                work.add(() -> pullInPieces(from, to.address()));
            }
            for (Future<Boolean> done : threads.invokeAll(work)) {
                assertThat(done.get()).isTrue();
            }
        }
    }

    private static boolean pullInPieces(BlockTransport from, String peer) {
        boolean right = true;
        for (int piece = 0; piece < 8; piece++) {
            List<BlockRead> reads = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                reads.add(LentBlocks.read(KIND, piece * 5 + i));
            }
            new Outcomes().pullAll(from, peer, reads);
            for (int i = 0; i < 5; i++) {
                byte[] expected = LentBlocks.bytes(KIND, piece * 5 + i);
                right &= Arrays.equals(LentBlocks.contentOf(reads.get(i)), expected);
            }
            close(reads);
        }
        return right;
    }

    private void hold(BlockKind kind, int count) {
        IntStream.range(0, count).forEach(number -> blocks.add(kind, number));
    }

    private static List<BlockRead> reads(BlockKind kind, int count) {
        return IntStream.range(0, count).mapToObj(i -> LentBlocks.read(kind, i)).toList();
    }

    private List<GetOutcome> pull(List<BlockRead> reads) {
        return new Outcomes().pullAll(here, there.address(), reads);
    }

    private void assertArrive(List<BlockRead> reads) {
        assertThat(pull(reads)).containsOnly(GetOutcome.FOUND);
        for (int i = 0; i < reads.size(); i++) {
            BlockRead read = reads.get(i);
            assertThat(LentBlocks.contentOf(read)).isEqualTo(LentBlocks.bytes(KIND, i));
            assertThat(read.sliceChecksums())
                    .isEqualTo(BlockBytes.leaving(LAYOUT, read.target()).sliceChecksums());
        }
        close(reads);
    }

    private static void close(List<BlockRead> reads) {
        reads.forEach(read -> read.target().close());
    }

    /** Cannot lend one block. */
    private final class Failing extends Delegate {

        private final BlockKey broken;

        Failing(BlockKey broken) {
            this.broken = broken;
        }

        @Override
        public void lend(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            if (key.equals(broken)) {
                done.failed(new IllegalStateException("the disk is gone"));
            } else {
                blocks.lend(key, layout, atMost, done);
            }
        }
    }

    /** Lends one block when the test says so. */
    private final class Slow extends Delegate {

        private final BlockKey late;
        private final LinkedBlockingQueue<Runnable> asked = new LinkedBlockingQueue<>();

        Slow(BlockKey late) {
            this.late = late;
        }

        @Override
        public void lend(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            Runnable lending = () -> blocks.lend(key, layout, atMost, done);
            if (key.equals(late)) {
                asked.add(lending);
            } else {
                lending.run();
            }
        }
    }

    private abstract class Delegate implements BlockTransport.BlockSource {

        @Override
        public List<BlockKind> kinds() {
            return blocks.kinds();
        }
    }
}
