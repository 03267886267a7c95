package dev.cairn.core.testing;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.Sampler;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.SleepPort;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.RandomSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;

/**
 * A model whose "keys and values" are a number per position and whose logits are a hash of all
 * numbers that the position sees, read through the block table. A wrong table, a block that was
 * given away too early or a copy that was forgotten shows as other tokens.
 *
 * <p>A step takes 1 ms and 10 µs per token of the driver's time.
 */
public final class ToyRunner implements ModelRunner {

    private static final long STEP_NANOS = 1_000_000;
    private static final long TOKEN_NANOS = 10_000;
    private static final long COPY_NANOS = 10_000;

    private final RunnerDescription description;
    private final VirtualDriver driver;
    private final boolean waits;
    private int swiftness = 1;

    /** {@code [group][layer, block, token]}. */
    private final long[][] memory;

    private final float[] logits;
    private final Sampler.Scratch scratch;
    private final List<StepBatch> batches = new ArrayList<>();

    private final ToyAdapters adapters;
    private LongPredicate failing = _ -> false;
    private LongPredicate poison = _ -> false;
    private UnaryOperator<StepResult> distortion = result -> result;
    private boolean inFlight;
    private boolean asleep;
    private int copying;
    private int failingWakes;

    private ToyRunner(RunnerDescription description, VirtualDriver driver, boolean waits) {
        this.waits = waits;
        this.description = description;
        this.driver = driver;
        this.adapters = new ToyAdapters(driver);
        this.memory = new long[description.groups().size()][];
        for (int group = 0; group < memory.length; group++) {
            memory[group] = new long[layers(group) * layerSize(group)];
        }
        this.logits = new float[description.vocabularySize()];
        this.scratch = new Sampler.Scratch(logits.length);
    }

    /** A runner is made of this. */
    public static Builder over(VirtualDriver driver) {
        return new Builder(driver);
    }

    /** Fails the steps, counted from 0, that the test chooses. */
    public void failSteps(LongPredicate steps) {
        failing = steps;
    }

    /** Fails every step in which one of these tokens is computed. */
    public void failOnToken(LongPredicate tokens) {
        poison = tokens;
    }

    /** Reports something else than what was computed. */
    public void distort(UnaryOperator<StepResult> results) {
        distortion = results;
    }

    /** So many times as fast. */
    public ToyRunner swift(int times) {
        swiftness = times;
        return this;
    }

    /** The batches launched so far. */
    public List<StepBatch> batches() {
        return batches;
    }

    /** Tokens computed so far, in steps that failed too. */
    public long computedTokens() {
        return batches.stream().mapToLong(StepBatch::tokens).sum();
    }

    @Override
    public RunnerDescription description() {
        return description;
    }

    @Override
    public StepHandle launch(StepBatch batch) {
        if (inFlight) {
            throw new IllegalStateException("one step at a time");
        }
        check(!asleep, "it sleeps");
        check(batch.sequences().size() <= description.maxSequencesPerStep(), "sequences");
        check(batch.tokens() <= description.maxTokensPerStep(), "tokens");
        check(batch.logitRows() <= description.maxLogitRowsPerStep(), "rows of logits");
        check(!batch.sequences().isEmpty(), "no sequence");
        inFlight = true;
        long step = batches.size();
        batches.add(batch);
        return new Launched(step, batch);
    }

    @Override
    public boolean waitsAtGates() {
        return waits;
    }

    @Override
    public void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
        Launched launched = (Launched) step;
        long nanos = (STEP_NANOS + TOKEN_NANOS * launched.batch.tokens()) / swiftness;
        new LayeredStep(this, driver, launched.batch, nanos)
                .begin(read -> finish(launched, sampling, nanos, read, done));
    }

    private void finish(
            Launched step,
            SamplingBatch sampling,
            long nanos,
            Past past,
            Completion<StepResult> done) {
        inFlight = false;
        if (failing.test(step.number) || hasPoison(step.batch)) {
            spoil(step.batch);
            done.failed(new IllegalStateException("the toy broke in step " + step.number));
            return;
        }
        for (StepBatch.BlockCopy copy : step.batch.copies()) {
            int size = blockTokens(copy.group());
            long[] kv = memory[copy.group()];
            for (int layer = 0; layer < layers(copy.group()); layer++) {
                int start = layer * layerSize(copy.group());
                System.arraycopy(
                        kv, start + copy.from() * size, kv, start + copy.to() * size, size);
            }
        }
        checkWrites(step.batch);
        List<TokenChoice> rows = new ArrayList<>();
        for (SequenceStep sequence : step.batch.sequences()) {
            compute(sequence, sampling, past, rows);
        }
        check(rows.size() == sampling.rows().size(), "rows sampled");
        done.completed(distortion.apply(new StepResult(rows, nanos)));
    }

    private void compute(
            SequenceStep sequence, SamplingBatch sampling, Past past, List<TokenChoice> rows) {
        for (int i = 0; i < sequence.tokens().length; i++) {
            int position = sequence.firstPosition() + i;
            for (int group = 0; group < memory.length; group++) {
                for (int layer = 0; layer < layers(group); layer++) {
                    long what =
                            sequence.tokens()[i] * 31L
                                    + position
                                    + layer * 1_000_003L
                                    + adapters.number(sequence.adapter());
                    int slot = layer * layerSize(group) + slot(sequence, group, position);
                    memory[group][slot] = RandomSource.mix(sequence.longForm() ? ~what : what);
                }
            }
            if (i >= sequence.logitsFrom()) {
                fillLogits(attend(sequence, position, past));
                rows.add(
                        Sampler.serve(
                                MemorySegment.ofArray(logits),
                                logits.length,
                                sampling.rows().get(rows.size()),
                                scratch));
            }
        }
    }

    private long attend(SequenceStep sequence, int position, Past past) {
        long seen = 0;
        for (int group = 0; group < memory.length; group++) {
            int first =
                    description.groups().get(group).kind() instanceof StateKind.SlidingWindow w
                            ? Math.max(0, position - w.window() + 1)
                            : 0;
            for (int p = first; p <= position; p++) {
                for (int layer = 0; layer < layers(group); layer++) {
                    Long before = past.read(sequence, group, layer, p);
                    long number = before == null ? number(sequence, group, layer, p) : before;
                    seen = RandomSource.mix(seen ^ number);
                }
            }
        }
        return seen;
    }

    /** What the memory holds now for a position. */
    long number(SequenceStep sequence, int group, int layer, int position) {
        return memory[group][layer * layerSize(group) + slot(sequence, group, position)];
    }

    private int layers(int group) {
        return description.groups().get(group).layout().layers();
    }

    private int layerSize(int group) {
        return description.poolBlocks().get(group) * blockTokens(group);
    }

    private void fillLogits(long seen) {
        for (int id = 0; id < logits.length; id++) {
            logits[id] = (RandomSource.mix(seen + id) >>> 40) * 0x1p-21f - 4;
        }
    }

    private int slot(SequenceStep sequence, int group, int position) {
        int size = blockTokens(group);
        int block = sequence.blockTables()[group][position / size];
        check(block >= 0 && block < description.poolBlocks().get(group), "block " + block);
        return block * size + position % size;
    }

    /** No two sequences of a step write one place. */
    private void checkWrites(StepBatch batch) {
        for (int group = 0; group < memory.length; group++) {
            Set<Integer> written = new HashSet<>();
            for (SequenceStep sequence : batch.sequences()) {
                for (int i = 0; i < sequence.tokens().length; i++) {
                    int slot = slot(sequence, group, sequence.firstPosition() + i);
                    check(written.add(slot), "place " + slot + " written twice in a step");
                }
            }
        }
    }

    /** After a failure the blocks that were to be written hold garbage. */
    private void spoil(StepBatch batch) {
        for (int group = 0; group < memory.length; group++) {
            for (SequenceStep sequence : batch.sequences()) {
                for (int i = 0; i < sequence.tokens().length; i++) {
                    int slot = slot(sequence, group, sequence.firstPosition() + i);
                    for (int layer = 0; layer < layers(group); layer++) {
                        memory[group][layer * layerSize(group) + slot] = -1;
                    }
                }
            }
        }
    }

    private boolean hasPoison(StepBatch batch) {
        for (SequenceStep sequence : batch.sequences()) {
            for (int token : sequence.tokens()) {
                if (poison.test(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    private int blockTokens(int group) {
        return description.groups().get(group).blockTokens();
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException("the batch breaks the runner's bounds: " + what);
        }
    }

    /** Copies of blocks take 10 µs each, one after the other. */
    @Override
    public BlockPort blocks() {
        return new BlockPort() {
            @Override
            public void export(
                    int group,
                    int block,
                    int firstLayer,
                    int layers,
                    MemoryLease target,
                    Completion<Void> done) {
                int size = blockTokens(group);
                copy(
                        () -> {
                            for (int i = 0; i < layers; i++) {
                                MemorySegment.copy(
                                        memory[group],
                                        (firstLayer + i) * layerSize(group) + block * size,
                                        target.segment(),
                                        ValueLayout.JAVA_LONG,
                                        (long) i * size * Long.BYTES,
                                        size);
                            }
                        },
                        done);
            }

            @Override
            public void restore(
                    int group,
                    int block,
                    int firstLayer,
                    int layers,
                    MemoryLease source,
                    Completion<Void> done) {
                int size = blockTokens(group);
                copy(
                        () -> {
                            for (int i = 0; i < layers; i++) {
                                MemorySegment.copy(
                                        source.segment(),
                                        ValueLayout.JAVA_LONG,
                                        (long) i * size * Long.BYTES,
                                        memory[group],
                                        (firstLayer + i) * layerSize(group) + block * size,
                                        size);
                            }
                        },
                        done);
            }
        };
    }

    /** Copies of blocks that are under way. */
    public int copying() {
        return copying;
    }

    private void copy(Runnable copy, Completion<Void> done) {
        copying++;
        driver.schedule(
                driver.nanos() + COPY_NANOS,
                () -> {
                    copying--;
                    check(!asleep, "blocks of a sleeping engine");
                    copy.run();
                    done.completed(null);
                });
    }

    @Override
    public Optional<AdapterPort> adapters() {
        return Optional.of(adapters);
    }

    /** What it has of adapters. */
    public ToyAdapters toyAdapters() {
        return adapters;
    }

    /** The next so many attempts to wake fail. */
    public void failWakes(int attempts) {
        failingWakes = attempts;
    }

    public boolean isAsleep() {
        return asleep;
    }

    @Override
    public Optional<SleepPort> sleep() {
        return Optional.of(
                new SleepPort() {
                    @Override
                    public void sleep(Completion<Void> done) {
                        check(!inFlight, "a step is in flight");
                        asleep = true;
                        for (long[] kv : memory) {
                            Arrays.fill(kv, -1);
                        }
                        driver.schedule(driver.nanos() + STEP_NANOS, () -> done.completed(null));
                    }

                    @Override
                    public void wake(Completion<Void> done) {
                        driver.schedule(driver.nanos() + STEP_NANOS, () -> wakeUp(done));
                    }
                });
    }

    private void wakeUp(Completion<Void> done) {
        if (failingWakes-- > 0) {
            done.failed(new IllegalStateException("the weights are gone"));
        } else {
            asleep = false;
            done.completed(null);
        }
    }

    @Override
    public void close() {}

    /** What a step read of the past before it ended; null = what is there then. */
    interface Past {

        Long read(SequenceStep sequence, int group, int layer, int position);
    }

    private record Launched(long number, StepBatch batch) implements StepHandle {}

    /** What a toy runner can take. */
    public static final class Builder {

        private final VirtualDriver driver;
        private final List<StateKind> kinds = new ArrayList<>();
        private final List<Integer> blockTokens = new ArrayList<>();
        private final List<Integer> poolBlocks = new ArrayList<>();
        private int layers = 1;
        private boolean waits;
        private int vocabulary = 300;
        private int maxPositions = 512;
        private int firstForm = Integer.MAX_VALUE;
        private int maxTokens = 64;
        private int maxSequences = 32;
        private int maxRows = 64;

        private Builder(VirtualDriver driver) {
            this.driver = driver;
        }

        public Builder fullAttention(int blockTokens, int blocks) {
            return group(new StateKind.FullAttention(), blockTokens, blocks);
        }

        public Builder window(int window, int blockTokens, int blocks) {
            return group(new StateKind.SlidingWindow(window), blockTokens, blocks);
        }

        public Builder recurrent(int blocks) {
            return group(new StateKind.Recurrent(), 16, blocks);
        }

        private Builder group(StateKind kind, int tokens, int blocks) {
            kinds.add(kind);
            blockTokens.add(tokens);
            poolBlocks.add(blocks);
            return this;
        }

        /** So many layers in each group, the groups' in turns; steps wait at gates. */
        public Builder layers(int count) {
            layers = count;
            waits = true;
            return this;
        }

        private List<LayerGroup> groups() {
            List<LayerGroup> groups = new ArrayList<>();
            for (int i = 0; i < kinds.size(); i++) {
                List<Integer> inModel = new ArrayList<>();
                for (int layer = 0; layer < layers; layer++) {
                    inModel.add(layer * kinds.size() + i);
                }
                var layout = new KvLayout(layers, blockTokens.get(i), 1, 1, KvType.FLOAT32);
                groups.add(new LayerGroup(i, kinds.get(i), inModel, layout));
            }
            return groups;
        }

        public Builder vocabulary(int size) {
            vocabulary = size;
            return this;
        }

        /** Longer sequences enter their positions by a second form. */
        public Builder firstForm(int tokens) {
            firstForm = tokens;
            return this;
        }

        public Builder maxPositions(int tokens) {
            maxPositions = tokens;
            return this;
        }

        public Builder perStep(int tokens, int sequences, int logitRows) {
            maxTokens = tokens;
            maxSequences = sequences;
            maxRows = logitRows;
            return this;
        }

        public ToyRunner build() {
            return new ToyRunner(
                    new RunnerDescription(
                            "toy",
                            "toy runner",
                            new ModelFingerprint("0".repeat(64)),
                            new ComputeIdentity("toy/1"),
                            groups(),
                            poolBlocks,
                            vocabulary,
                            maxPositions,
                            maxTokens,
                            maxSequences,
                            maxRows,
                            1,
                            0,
                            0,
                            firstForm),
                    driver,
                    waits);
        }
    }
}
