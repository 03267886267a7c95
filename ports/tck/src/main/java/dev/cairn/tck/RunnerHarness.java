package dev.cairn.tck;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Drives a runner without a scheduler: hands out blocks in a shuffled order and waits for every
 * step.
 */
final class RunnerHarness {

    private static final int LONGEST = 96;

    private final ModelRunner runner;
    private final List<Deque<Integer>> free = new ArrayList<>();

    RunnerHarness(ModelRunner runner) {
        this.runner = runner;
        for (int blocks : runner.description().poolBlocks()) {
            Deque<Integer> ids = new ArrayDeque<>();
            for (int id = 0; id < blocks; id++) {
                ids.add(id);
            }
            free.add(ids);
        }
    }

    /**
     * A sequence with blocks for {@value #LONGEST} tokens; odd seeds sample, even ones are greedy.
     */
    Sequence sequence(int[] prompt, long seed, Random random) {
        Random shuffle = new Random(random.nextLong());
        List<LayerGroup> groups = runner.description().groups();
        int[][] tables = new int[groups.size()][];
        for (LayerGroup group : groups) {
            List<Integer> ids = new ArrayList<>(free.get(group.index()));
            Collections.shuffle(ids, shuffle);
            int needed = (LONGEST + group.blockTokens() - 1) / group.blockTokens();
            tables[group.index()] = ids.subList(0, needed).stream().mapToInt(i -> i).toArray();
            free.get(group.index()).clear();
            free.get(group.index()).addAll(ids.subList(needed, ids.size()));
        }
        return new Sequence(prompt, seed, tables);
    }

    void free(Sequence sequence) {
        for (int group = 0; group < sequence.tables.length; group++) {
            for (int block : sequence.tables[group]) {
                free.get(group).add(block);
            }
        }
    }

    /** Computes what is left of the prompt in chunks, then {@code count} tokens one by one. */
    List<TokenChoice> answer(Sequence sequence, int chunk, int count) {
        return answerTogether(List.of(sequence), chunk, count).getFirst();
    }

    /** The same for several: sequence i joins at step i, so that prefill and decode are mixed. */
    List<List<TokenChoice>> answerTogether(List<Sequence> sequences, int chunk, int count) {
        List<List<TokenChoice>> answers = new ArrayList<>();
        sequences.forEach(_ -> answers.add(new ArrayList<>()));
        for (int step = 0; answers.stream().anyMatch(answer -> answer.size() < count); step++) {
            List<SequenceStep> steps = new ArrayList<>();
            List<SamplingRow> rows = new ArrayList<>();
            List<Integer> sampled = new ArrayList<>();
            for (int i = 0; i < Math.min(step + 1, sequences.size()); i++) {
                Sequence sequence = sequences.get(i);
                if (answers.get(i).size() == count) {
                    continue;
                }
                int left = sequence.tokens.length - sequence.position;
                int size = Math.min(left, chunk);
                boolean last = size == left;
                steps.add(sequence.step(size, last ? size - 1 : size));
                if (last) {
                    rows.add(sequence.sample());
                    sampled.add(i);
                }
                sequence.computed(sequence.position + size);
            }
            List<TokenChoice> choices = run(new StepBatch(List.of(), steps), rows);
            for (int k = 0; k < sampled.size(); k++) {
                answers.get(sampled.get(k)).add(choices.get(k));
                sequences.get(sampled.get(k)).append(choices.get(k).token());
            }
        }
        return answers;
    }

    List<TokenChoice> run(List<SequenceStep> steps, List<? extends SamplingRow> rows) {
        return run(new StepBatch(List.of(), steps), rows);
    }

    List<TokenChoice> run(StepBatch batch, List<? extends SamplingRow> rows) {
        return complete(runner.launch(batch), new SamplingBatch(List.copyOf(rows))).rows();
    }

    StepResult complete(StepHandle handle, SamplingBatch sampling) {
        return await(done -> runner.complete(handle, sampling, done));
    }

    <T> T await(Consumer<Completion<T>> start) {
        return begin(start).join();
    }

    /** Starts something, and goes on. */
    <T> CompletableFuture<T> begin(Consumer<Completion<T>> start) {
        CompletableFuture<T> future = new CompletableFuture<>();
        start.accept(
                new Completion<>() {
                    @Override
                    public void completed(T result) {
                        if (!future.complete(result)) {
                            throw new IllegalStateException("completed twice");
                        }
                    }

                    @Override
                    public void failed(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                });
        return future;
    }

    /** Every other slice as somebody brings it in who has just received it, if the runner can. */
    private void restore(
            int group, int block, int slice, MemoryLease lease, Completion<Void> done) {
        if (slice % 2 == 0 && runner.blocks().restoresHere()) {
            Thread.ofPlatform()
                    .start(() -> runner.blocks().restoreHere(group, block, slice, 1, lease, done));
        } else {
            runner.blocks().restore(group, block, slice, 1, lease, done);
        }
    }

    /**
     * Carries the blocks of the first {@code tokens} tokens from one sequence to another, slice by
     * slice.
     */
    void moveThroughHost(Sequence from, Sequence to, int tokens) {
        for (LayerGroup group : runner.description().groups()) {
            int g = group.index();
            for (int i = 0; i * group.blockTokens() < tokens; i++) {
                int source = from.tables[g][i];
                int target = to.tables[g][i];
                for (int layer = 0; layer < group.layout().layers(); layer++) {
                    int slice = layer;
                    try (MemoryLease lease = OwnLease.native64(group.layout().sliceBytes())) {
                        this.<Void>await(
                                done -> runner.blocks().export(g, source, slice, 1, lease, done));
                        this.<Void>await(done -> restore(g, target, slice, lease, done));
                    }
                }
            }
        }
    }

    /**
     * Lends the blocks of the first {@code tokens} tokens of one sequence to another's, in two
     * parts each.
     *
     * @param damaged whether a bit of every part is flipped after its checksum was made
     * @return for every part whether it was taken for sound
     */
    List<Boolean> lend(Sequence from, Sequence to, int tokens, boolean damaged) {
        List<Boolean> sound = new ArrayList<>();
        for (LayerGroup group : runner.description().groups()) {
            int g = group.index();
            int layers = group.layout().layers();
            for (int i = 0; i * group.blockTokens() < tokens; i++) {
                int source = from.tables[g][i];
                int target = to.tables[g][i];
                try (MemoryLease lease = OwnLease.native64(group.layout().blockBytes())) {
                    this.<Void>await(
                            done -> runner.blocks().export(g, source, 0, layers, lease, done));
                    BlockBytes block = BlockBytes.leaving(group.layout(), lease);
                    int[] parts = {0, layers / 2, layers};
                    for (int part = 0; part < 2; part++) {
                        int first = parts[part];
                        int count = parts[part + 1] - first;
                        if (count > 0) {
                            if (damaged) {
                                flip(lease, group.layout().sliceOffset(first + count) - 1);
                            }
                            sound.add(
                                    await(
                                            done ->
                                                    runner.blocks()
                                                            .restoreLent(
                                                                    g, target, first, count, block,
                                                                    done)));
                        }
                    }
                }
            }
        }
        return sound;
    }

    private static void flip(MemoryLease lease, long at) {
        byte before = lease.segment().get(ValueLayout.JAVA_BYTE, at);
        lease.segment().set(ValueLayout.JAVA_BYTE, at, (byte) (before ^ 1));
    }

    /** What a sequence has of its first tokens, by layer of the model, to be brought elsewhere. */
    List<List<TakenSlice>> take(Sequence from, int tokens) {
        List<List<TakenSlice>> layers = new ArrayList<>();
        for (LayerGroup group : runner.description().groups()) {
            for (int slice = 0; slice < group.layout().layers(); slice++) {
                int inModel = group.layers().get(slice);
                while (layers.size() <= inModel) {
                    layers.add(new ArrayList<>());
                }
                for (int i = 0; i * group.blockTokens() < tokens; i++) {
                    int g = group.index();
                    int block = from.tables[g][i];
                    int layer = slice;
                    MemoryLease lease = OwnLease.native64(group.layout().sliceBytes());
                    this.<Void>await(
                            done -> runner.blocks().export(g, block, layer, 1, lease, done));
                    layers.get(inModel).add(new TakenSlice(g, i, layer, lease));
                }
            }
        }
        return layers;
    }

    /** Brings a layer to another sequence's blocks. */
    void bring(List<TakenSlice> layer, Sequence to) {
        for (TakenSlice taken : layer) {
            int block = to.tables[taken.group][taken.index];
            this.<Void>await(
                    done ->
                            runner.blocks()
                                    .restore(
                                            taken.group, block, taken.slice, 1, taken.lease, done));
            taken.lease.close();
        }
    }

    /** A layer slice of the block at a place of a table. */
    record TakenSlice(int group, int index, int slice, MemoryLease lease) {}

    List<StepBatch.BlockCopy> copies(Sequence from, Sequence to, int tokens) {
        List<StepBatch.BlockCopy> copies = new ArrayList<>();
        for (LayerGroup group : runner.description().groups()) {
            int g = group.index();
            for (int i = 0; i * group.blockTokens() < tokens; i++) {
                copies.add(new StepBatch.BlockCopy(g, from.tables[g][i], to.tables[g][i]));
            }
        }
        return copies;
    }

    /** Tokens so far, how many of them are computed, and the blocks they lie in. */
    static final class Sequence {

        private final long seed;
        private final int[][] tables;
        private int[] tokens;
        private int position;

        private Sequence(int[] prompt, long seed, int[][] tables) {
            this.tokens = prompt.clone();
            this.seed = seed;
            this.tables = tables;
        }

        SequenceStep step(int count, int logitsFrom) {
            int[] run = Arrays.copyOfRange(tokens, position, position + count);
            return new SequenceStep(run, position, tables, logitsFrom, -1);
        }

        /** The same before all that it reads has come. */
        SequenceStep step(int count, int logitsFrom, LayerGate gate) {
            int[] run = Arrays.copyOfRange(tokens, position, position + count);
            return new SequenceStep(run, position, tables, logitsFrom, -1, gate);
        }

        SamplingRow.Sample sample() {
            var parameters =
                    seed % 2 == 0
                            ? SamplingParameters.GREEDY
                            : new SamplingParameters(0.9f, 0.95f, 50, 0, 0, 0, 1, Map.of());
            return new SamplingRow.Sample(parameters, seed, tokens.length, null, null, 3, false);
        }

        void computed(int newPosition) {
            position = newPosition;
        }

        int position() {
            return position;
        }

        int[][] tables() {
            return tables;
        }

        private void append(int token) {
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = token;
        }
    }
}
