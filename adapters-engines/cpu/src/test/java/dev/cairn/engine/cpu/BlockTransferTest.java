package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.engine.cpu.RunnerHarness.Piece;
import dev.cairn.engine.cpu.RunnerHarness.Sequence;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks that leave the device and come back elsewhere are the same blocks. */
class BlockTransferTest {

    private static final int PROMPT = 40;

    private final Random random = new Random(seed());

    private static long seed() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        return seed;
    }

    @ParameterizedTest
    @EnumSource
    void aSequenceContinuesOverRestoredBlocksAsOverItsOwn(KvType type) {
        RandomModel model = RandomModel.of(Family.GEMMA3_LOCAL_GLOBAL, WeightType.BFLOAT16, random);
        try (RunnerHarness harness = RunnerHarness.of(model, type, 2, random)) {
            Sequence original = harness.new Sequence(RunnerHarness.prompt(random, PROMPT));
            harness.step(List.of(new Piece(original, PROMPT)));
            int[][] elsewhere = new int[original.tables().length][];
            for (LayerGroup group : harness.runner.description().groups()) {
                int[] from = original.tables()[group.index()];
                int[] to = unused(harness, group.index(), from);
                for (int i = 0; i < from.length; i++) {
                    move(harness, group, from[i], to[i]);
                }
                elsewhere[group.index()] = to;
            }
            assertThat(next(harness, original, elsewhere))
                    .isEqualTo(next(harness, original, original.tables()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSequenceContinuesOverCopiedBlocksAsOverItsOwn(KvType type) {
        RandomModel model = RandomModel.of(Family.GEMMA3_LOCAL_GLOBAL, WeightType.BFLOAT16, random);
        try (RunnerHarness harness = RunnerHarness.of(model, type, 2, random)) {
            Sequence original = harness.new Sequence(RunnerHarness.prompt(random, PROMPT));
            harness.step(List.of(new Piece(original, PROMPT)));
            List<StepBatch.BlockCopy> copies = new ArrayList<>();
            int[][] elsewhere = new int[original.tables().length][];
            for (int group = 0; group < elsewhere.length; group++) {
                int[] from = original.tables()[group];
                elsewhere[group] = unused(harness, group, from);
                for (int i = 0; i < from.length; i++) {
                    copies.add(new StepBatch.BlockCopy(group, from[i], elsewhere[group][i]));
                }
            }
            float[] copied =
                    harness.run(new StepBatch(copies, List.of(last(original, elsewhere))))
                            .rows()
                            .getFirst()
                            .logits();
            assertThat(copied).isEqualTo(next(harness, original, original.tables()));
        }
    }

    @Test
    void theCanonicalBytesAreThoseOfTheLayout() {
        RandomModel model = RandomModel.of(Family.QWEN3_HEAD_NORM, WeightType.FLOAT32, random);
        try (RunnerHarness floats = RunnerHarness.of(model, KvType.FLOAT32, 1, random);
                RunnerHarness codes = RunnerHarness.of(model, KvType.INT8, 1, random)) {
            int[] prompt = RunnerHarness.prompt(random, RunnerHarness.BLOCK_TOKENS);
            MemorySegment exact = firstSlice(floats, prompt);
            MemorySegment coded = firstSlice(codes, prompt);
            KvLayout layout = codes.runner.description().groups().getFirst().layout();
            int heads = 2 * layout.tokens() * layout.heads();
            long scales = (long) heads * layout.headSize();
            for (int head = 0; head < heads; head++) {
                float scale = coded.get(ValueLayout.JAVA_FLOAT_UNALIGNED, scales + 4L * head);
                for (int i = 0; i < layout.headSize(); i++) {
                    long element = (long) head * layout.headSize() + i;
                    float value = exact.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * element);
                    float restored = scale * coded.get(ValueLayout.JAVA_BYTE, element);
                    assertThat(Math.abs(value - restored)).isLessThanOrEqualTo(0.5001f * scale);
                }
            }
        }
    }

    @Test
    void aTransferOutsideThePoolIsRefused() {
        RandomModel model = RandomModel.of(Family.LLAMA, WeightType.FLOAT32, random);
        try (RunnerHarness harness = RunnerHarness.of(model, KvType.FLOAT32, 1, random)) {
            int blocks = harness.runner.description().poolBlocks().getFirst();
            HeapLease lease = new HeapLease(1 << 20);
            assertThatThrownBy(() -> export(harness, 0, blocks, 0, 1, lease))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not " + blocks);
            assertThatThrownBy(() -> export(harness, 1, 0, 0, 1, lease))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> export(harness, 0, 0, 0, 9, lease))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> export(harness, 0, 0, 0, 1, new HeapLease(8)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the lease has 8");
        }
    }

    /** Bytes on loan from nobody. */
    private record HeapLease(MemorySegment segment) implements MemoryLease {

        HeapLease(long bytes) {
            this(Arena.ofAuto().allocate(bytes, 64));
        }

        @Override
        public void close() {}
    }

    private static void export(
            RunnerHarness harness, int group, int block, int layer, int layers, HeapLease lease) {
        RunnerHarness.<Void>await(
                done -> harness.runner.blocks().export(group, block, layer, layers, lease, done));
    }

    private MemorySegment firstSlice(RunnerHarness harness, int[] prompt) {
        Sequence sequence = harness.new Sequence(prompt);
        harness.step(List.of(new Piece(sequence, prompt.length)));
        HeapLease lease =
                new HeapLease(
                        harness.runner.description().groups().getFirst().layout().sliceBytes());
        export(harness, 0, sequence.tables()[0][0], 0, 1, lease);
        return lease.segment();
    }

    /** Out in one piece, back slice by slice. */
    private static void move(RunnerHarness harness, LayerGroup group, int from, int to) {
        KvLayout layout = group.layout();
        HeapLease block = new HeapLease(layout.blockBytes());
        export(harness, group.index(), from, 0, layout.layers(), block);
        for (int layer = 0; layer < layout.layers(); layer++) {
            HeapLease slice =
                    new HeapLease(
                            block.segment()
                                    .asSlice(layout.sliceOffset(layer), layout.sliceBytes()));
            int own = layer;
            RunnerHarness.<Void>await(
                    done ->
                            harness.runner
                                    .blocks()
                                    .restore(group.index(), to, own, 1, slice, done));
        }
    }

    private int[] unused(RunnerHarness harness, int group, int[] used) {
        int blocks = harness.runner.description().poolBlocks().get(group);
        List<Integer> taken = new ArrayList<>();
        for (int block : used) {
            taken.add(block);
        }
        int[] others = new int[used.length];
        for (int i = 0; i < others.length; i++) {
            int candidate = random.nextInt(blocks);
            while (taken.contains(candidate)) {
                candidate = random.nextInt(blocks);
            }
            taken.add(candidate);
            others[i] = candidate;
        }
        return others;
    }

    private static float[] next(RunnerHarness harness, Sequence sequence, int[][] tables) {
        return harness.run(new StepBatch(List.of(), List.of(last(sequence, tables))))
                .rows()
                .getFirst()
                .logits();
    }

    /** The token that the sequence has not computed yet. */
    private static SequenceStep last(Sequence sequence, int[][] tables) {
        return new SequenceStep(
                new int[] {sequence.tokens.getLast()}, sequence.tokens.size() - 1, tables, 0, -1);
    }
}
