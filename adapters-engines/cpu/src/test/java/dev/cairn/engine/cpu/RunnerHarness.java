package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.KernelPreference;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Drives a runner as the core does: hands out blocks, builds batches, waits for results. Blocks are
 * handed out in random order and taken back as soon as a window has passed them, so that every test
 * also tests that ids mean nothing and released blocks are not read.
 */
final class RunnerHarness implements AutoCloseable {

    static final int BLOCK_TOKENS = 16;

    final ModelRunner runner;
    private final List<LayerGroup> groups;
    private final List<List<Integer>> free = new ArrayList<>();

    RunnerHarness(ModelRunner runner, Random random) {
        this.runner = runner;
        groups = runner.description().groups();
        for (int blocks : runner.description().poolBlocks()) {
            List<Integer> ids = new ArrayList<>();
            for (int id = 0; id < blocks; id++) {
                ids.add(id);
            }
            Collections.shuffle(ids, random);
            free.add(ids);
        }
    }

    static RunnerHarness of(ModelArtifact model, KvType kvType, int threads, Random random) {
        return of(model, Optional.empty(), kvType, threads, random);
    }

    static RunnerHarness of(
            ModelArtifact model,
            Optional<WeightType> weightType,
            KvType kvType,
            int threads,
            Random random) {
        CpuSettings settings = new CpuSettings(threads, KernelPreference.AUTO, true);
        return new RunnerHarness(
                new CpuRunnerFactory(settings).create(model, options(weightType, kvType)), random);
    }

    static RunnerOptions options(Optional<WeightType> weightType, KvType kvType) {
        return new RunnerOptions(
                weightType, Optional.of(kvType), BLOCK_TOKENS, 4 << 20, 800, 800, 16);
    }

    /** A text on its way through the runner. */
    final class Sequence {

        final List<Integer> tokens = new ArrayList<>();

        /** Logits after each token that has been computed. */
        final List<float[]> logits = new ArrayList<>();

        private final boolean longForm;
        private final int[][] tables = new int[groups.size()][0];
        private int computed;

        /** Slot of its LoRA adapter; -1 = none. */
        int adapter = -1;

        Sequence(int... prompt) {
            this(false, prompt);
        }

        Sequence(boolean longForm, int... prompt) {
            this.longForm = longForm;
            for (int token : prompt) {
                tokens.add(token);
            }
        }

        int waiting() {
            return tokens.size() - computed;
        }

        int[][] tables() {
            return tables;
        }

        /** The next tokens as a part of a step, with blocks for them. */
        SequenceStep take(int count) {
            int[] chunk = new int[count];
            for (int i = 0; i < count; i++) {
                chunk[i] = tokens.get(computed + i);
            }
            for (int group = 0; group < tables.length; group++) {
                release(group);
                int blocks = (computed + count - 1) / BLOCK_TOKENS + 1;
                int had = tables[group].length;
                tables[group] = Arrays.copyOf(tables[group], Math.max(had, blocks));
                for (int i = had; i < blocks; i++) {
                    tables[group][i] = free.get(group).removeLast();
                }
            }
            int[][] copies = new int[tables.length][];
            for (int group = 0; group < tables.length; group++) {
                copies[group] = tables[group].clone();
            }
            SequenceStep step =
                    new SequenceStep(chunk, computed, copies, 0, adapter, LayerGate.OPEN, longForm);
            computed += count;
            return step;
        }

        private void release(int group) {
            if (groups.get(group).kind() instanceof StateKind.SlidingWindow(int window)) {
                for (int i = 0; i < tables[group].length; i++) {
                    boolean passed = (i + 1) * BLOCK_TOKENS <= computed - window + 1;
                    if (passed && tables[group][i] != LayerGroup.RELEASED) {
                        free.get(group).add(tables[group][i]);
                        tables[group][i] = LayerGroup.RELEASED;
                    }
                }
            }
        }

        /** Gives all blocks back. */
        void end() {
            for (int group = 0; group < tables.length; group++) {
                for (int block : tables[group]) {
                    if (block != LayerGroup.RELEASED) {
                        free.get(group).add(block);
                    }
                }
                tables[group] = new int[0];
            }
        }
    }

    /** A part of a step: how many of a sequence's waiting tokens are computed. */
    record Piece(Sequence sequence, int tokens) {}

    /** Runs one step; every sequence notes its logits, and its next token when it has caught up. */
    void step(List<Piece> pieces) {
        List<SequenceStep> parts = new ArrayList<>();
        for (Piece piece : pieces) {
            parts.add(piece.sequence().take(piece.tokens()));
        }
        StepResult result = run(new StepBatch(List.of(), parts));
        int row = 0;
        for (Piece piece : pieces) {
            TokenChoice last = null;
            for (int i = 0; i < piece.tokens(); i++) {
                last = result.rows().get(row++);
                piece.sequence().logits.add(last.logits());
            }
            if (piece.sequence().waiting() == 0) {
                piece.sequence().tokens.add(last.token());
            }
        }
    }

    /** Runs a batch, greedily, with the full logits of every row. */
    StepResult run(StepBatch batch) {
        List<SamplingRow> rows = new ArrayList<>();
        for (SequenceStep sequence : batch.sequences()) {
            for (int i = sequence.logitsFrom(); i < sequence.tokens().length; i++) {
                rows.add(
                        new SamplingRow.Sample(
                                SamplingParameters.GREEDY,
                                0,
                                sequence.firstPosition() + i + 1,
                                null,
                                null,
                                0,
                                true));
            }
        }
        return await(done -> runner.complete(runner.launch(batch), new SamplingBatch(rows), done));
    }

    /** Waits for something that was started with a completion; throws its failure. */
    static <T> T await(Consumer<Completion<T>> start) {
        CompletableFuture<T> future = new CompletableFuture<>();
        start.accept(
                new Completion<>() {
                    @Override
                    public void completed(T result) {
                        future.complete(result);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                });
        return future.join();
    }

    /** Computes a prompt at once and then {@code answer} tokens, alone. */
    Sequence alone(int[] prompt, int answer) {
        return alone(false, prompt, answer);
    }

    /** The same by the second form of positions, or the first. */
    Sequence alone(boolean longForm, int[] prompt, int answer) {
        Sequence sequence = new Sequence(longForm, prompt);
        step(List.of(new Piece(sequence, prompt.length)));
        for (int i = 1; i < answer; i++) {
            step(List.of(new Piece(sequence, 1)));
        }
        return sequence;
    }

    static int[] prompt(Random random, int length) {
        return random.ints(length, 0, RandomModel.VOCABULARY).toArray();
    }

    @Override
    public void close() {
        runner.close();
    }
}
