package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Blocks go between the device and memory of a tier without a copy on the way, once the driver has
 * pinned it. The stand-in refuses copies of memory that is not pinned, breaks where it is not
 * pinned any more when a copy's turn comes, and ends the process where it was freed before.
 */
class PinnedMemoryTest {

    /** Of the streams of a runner, the one that moves blocks. */
    private static final int TRANSFERS = 2;

    private static final int PROMPT = 20;
    private static final int[] TABLE = {3, 1};
    private static final TestModel MODEL = new TestModel(WeightType.FLOAT32, false);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment slab = arena.allocate(1 << 20, 4096);
    private final List<Long> copied = Collections.synchronizedList(new ArrayList<>());

    /** As a tier: after its engines. */
    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void theDeviceCopiesToAndFromTheTiersMemory() {
        StandIn standIn = StandIn.fresh();
        long before = standIn.live();
        try (ModelRunner runner = open(standIn)) {
            assertThat(runner.blocks().attach(slab)).isTrue();
            read(runner);
            MemoryLease lease = lease(runner, 4096);
            export(runner, lease).join();
            assertThat(copied).containsExactly(lease.segment().address());
            assertThat(bytes(lease)).isEqualTo(bytes(exportedElsewhere(runner)));
            copied.clear();
            assertThat(restoreLent(runner, lease, 0).join()).isTrue();
            Runners.<Void>future(
                            done ->
                                    runner.blocks()
                                            .restore(0, 2, 0, layout(runner).layers(), lease, done))
                    .join();
            assertThat(copied)
                    .containsExactly(lease.segment().address(), lease.segment().address());
            assertThat(answer(runner, 2)).isEqualTo(answer(runner, TABLE[0]));
        }
        assertThat(standIn.live()).isEqualTo(before);
    }

    @Test
    void damagedBytesAreNotCopied() {
        try (ModelRunner runner = open(StandIn.fresh())) {
            runner.blocks().attach(slab);
            read(runner);
            MemoryLease lease = lease(runner, 0);
            export(runner, lease).join();
            copied.clear();
            assertThat(restoreLent(runner, lease, 1).join()).isFalse();
            assertThat(copied).isEmpty();
        }
    }

    @Test
    void whereTheDriverRefusesBlocksTakeTheDetour() {
        StandIn standIn = StandIn.fresh().with("refuse-pins", 1);
        try (ModelRunner runner = open(standIn)) {
            assertThat(runner.blocks().attach(slab)).isFalse();
            read(runner);
            MemoryLease lease = lease(runner, 0);
            export(runner, lease).join();
            assertThat(copied).isNotEmpty().doesNotContain(lease.segment().address());
            assertThat(restoreLent(runner, lease, 0).join()).isTrue();
            assertThat(bytes(lease)).isEqualTo(bytes(exportedElsewhere(runner)));
        }
    }

    /** Whoever hears of a failure may let others write there. */
    @Test
    void whenATransferFailsNobodyWritesThereAnyMore() {
        StandIn standIn = StandIn.fresh().withSlowStream(TRANSFERS);
        MemoryLease lease;
        CompletableFuture<byte[]> seen;
        try (ModelRunner runner = open(standIn)) {
            runner.blocks().attach(slab);
            read(runner);
            lease = lease(runner, 0);
            CompletableFuture<Void> export = export(runner, lease);
            seen = export.handle((_, _) -> bytes(lease));
            Runners.<Void>future(runner.sleep().orElseThrow()::sleep).join();
            assertThat(export).isCompletedExceptionally();
        }
        assertThat(bytes(lease)).isEqualTo(seen.join());
    }

    @Test
    void awakeAgainTheDeviceReachesTheMemoryAsBefore() {
        try (ModelRunner runner = open(StandIn.fresh())) {
            runner.blocks().attach(slab);
            var sleep = runner.sleep().orElseThrow();
            Runners.<Void>future(sleep::sleep).join();
            Runners.<Void>future(sleep::wake).join();
            read(runner);
            MemoryLease lease = lease(runner, 0);
            export(runner, lease).join();
            assertThat(copied).containsExactly(lease.segment().address());
        }
    }

    @Test
    void twoRunnersShareTheMemoryAndTheLastOneGivesItBack() {
        StandIn standIn = StandIn.fresh();
        long before = standIn.live();
        try (ModelRunner one = open(standIn)) {
            assertThat(one.blocks().attach(slab)).isTrue();
            try (ModelRunner other = open(standIn)) {
                assertThat(other.blocks().attach(slab)).isTrue();
            }
            read(one);
            MemoryLease lease = lease(one, 0);
            export(one, lease).join();
            assertThat(copied).containsExactly(lease.segment().address());
        }
        assertThat(standIn.live()).isEqualTo(before);
    }

    private ModelRunner open(StandIn standIn) {
        return Runners.open(
                standIn, MODEL, Runners.options(KvType.FLOAT32), device -> new Noting(device));
    }

    /** Notes where in the host's memory blocks are copied. */
    private final class Noting extends ForwardingDevice {

        Noting(Device device) {
            super(device);
        }

        @Override
        public void copyIn(
                long target, MemorySegment source, long offset, long bytes, DeviceStream stream) {
            note(source);
            super.copyIn(target, source, offset, bytes, stream);
        }

        @Override
        public void copyOut(
                MemorySegment target, long offset, long source, long bytes, DeviceStream stream) {
            note(target);
            super.copyOut(target, offset, source, bytes, stream);
        }

        private void note(MemorySegment host) {
            boolean transfers =
                    StackWalker.getInstance()
                            .walk(
                                    frames ->
                                            frames.anyMatch(
                                                    frame ->
                                                            frame.getClassName()
                                                                    .contains(".Transfers")));
            if (transfers) {
                copied.add(host.address());
            }
        }
    }

    private static KvLayout layout(ModelRunner runner) {
        return runner.description().groups().getFirst().layout();
    }

    private MemoryLease lease(ModelRunner runner, long offset) {
        MemorySegment bytes = slab.asSlice(offset, layout(runner).blockBytes());
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return bytes;
            }

            @Override
            public void close() {
                // the slab's
            }
        };
    }

    private static byte[] bytes(MemoryLease lease) {
        return lease.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    private static MemoryLease exportedElsewhere(ModelRunner runner) {
        MemoryLease elsewhere = Runners.lease(layout(runner).blockBytes());
        export(runner, elsewhere).join();
        return elsewhere;
    }

    private static CompletableFuture<Void> export(ModelRunner runner, MemoryLease lease) {
        return Runners.future(
                done ->
                        runner.blocks()
                                .export(0, TABLE[0], 0, layout(runner).layers(), lease, done));
    }

    private static CompletableFuture<Boolean> restoreLent(
            ModelRunner runner, MemoryLease lease, int damage) {
        BlockBytes block = BlockBytes.leaving(layout(runner), lease);
        block.sliceChecksums()[0] ^= damage;
        return Runners.future(
                done -> runner.blocks().restoreLent(0, 2, 0, layout(runner).layers(), block, done));
    }

    private static void read(ModelRunner runner) {
        int[] prompt = new int[PROMPT];
        Arrays.setAll(prompt, i -> (7 * i + 3) % TestModel.VOCABULARY);
        Runners.run(
                runner,
                List.of(Runners.step(runner, prompt, 0, TABLE, PROMPT - 1)),
                List.of(row()));
    }

    /** The next token and its probability, with the first block of the prompt elsewhere. */
    private static String answer(ModelRunner runner, int firstBlock) {
        int[] table = {firstBlock, TABLE[1]};
        var step = Runners.step(runner, new int[] {9}, PROMPT, table, 0);
        var choice = Runners.run(runner, List.of(step), List.of(row())).getFirst();
        return choice.token() + " " + choice.logprob();
    }

    private static SamplingRow.Sample row() {
        return new SamplingRow.Sample(SamplingParameters.GREEDY, 0, PROMPT, null, null, -1, false);
    }
}
