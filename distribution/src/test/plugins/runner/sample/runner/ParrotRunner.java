package sample.runner;

import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.engine.Sampler;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.RandomSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Logits are a hash of the tokens so far, which are read back from the KV blocks: one layer, whose
 * key at a position is the token there.
 */
final class ParrotRunner implements ModelRunner {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final RunnerDescription description;
    private final OptionalLong word;
    private final float[] keys;
    private final int blockTokens;
    private boolean launched;

    ParrotRunner(ModelArtifact model, RunnerOptions options, OptionalLong word, String report) {
        this.word = word;
        blockTokens = options.blockTokens();
        KvLayout layout = new KvLayout(1, blockTokens, 1, 1, KvType.FLOAT32);
        int blocks =
                (int)
                        Math.min(
                                options.cacheBytes() / layout.blockBytes(),
                                (long) options.maxSequencesPerStep()
                                        * (options.maxModelLength() / blockTokens + 2));
        keys = new float[blocks * blockTokens];
        description =
                new RunnerDescription(
                        "parrot",
                        report,
                        model.fingerprint(),
                        new ComputeIdentity("parrot/1/float32"),
                        List.of(
                                new LayerGroup(
                                        0,
                                        new LayerGroup.StateKind.FullAttention(),
                                        List.of(0),
                                        layout)),
                        List.of(blocks),
                        model.architecture().vocabularySize(),
                        options.maxModelLength(),
                        options.maxTokensPerStep(),
                        options.maxSequencesPerStep(),
                        options.maxTokensPerStep(),
                        1,
                        0,
                        blocks * layout.blockBytes());
    }

    @Override
    public RunnerDescription description() {
        return description;
    }

    @Override
    public StepHandle launch(StepBatch batch) {
        if (launched) {
            throw new IllegalStateException("one step at a time");
        }
        if (batch.tokens() > description.maxTokensPerStep()) {
            throw new IllegalArgumentException(batch.tokens() + " tokens are too many");
        }
        batch.sequences().forEach(this::check);
        for (StepBatch.BlockCopy copy : batch.copies()) {
            System.arraycopy(
                    keys, copy.from() * blockTokens, keys, copy.to() * blockTokens, blockTokens);
        }
        List<Long> rows = new ArrayList<>();
        for (SequenceStep sequence : batch.sequences()) {
            compute(sequence, rows);
        }
        launched = true;
        return new Step(rows);
    }

    @Override
    public void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
        launched = false;
        int vocabulary = description.vocabularySize();
        Sampler.Scratch scratch = new Sampler.Scratch(vocabulary);
        List<Long> rows = ((Step) step).rows();
        List<TokenChoice> choices = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            MemorySegment logits = MemorySegment.ofArray(logits(rows.get(i)));
            choices.add(Sampler.serve(logits, vocabulary, sampling.rows().get(i), scratch));
        }
        done.completed(new StepResult(choices, 1));
    }

    @Override
    public BlockPort blocks() {
        return new HostBlocks();
    }

    @Override
    public void close() {
        launched = false;
    }

    private void check(SequenceStep sequence) {
        int[] table = sequence.blockTables()[0];
        int last = sequence.firstPosition() + sequence.tokens().length - 1;
        if (last / blockTokens >= table.length) {
            throw new IllegalArgumentException("the block table ends before position " + last);
        }
        for (int i = 0; i <= last / blockTokens; i++) {
            if (table[i] < 0 || table[i] >= description.poolBlocks().getFirst()) {
                throw new IllegalArgumentException("there is no block " + table[i]);
            }
        }
        for (int token : sequence.tokens()) {
            if (token < 0 || token >= description.vocabularySize()) {
                throw new IllegalArgumentException("there is no token " + token);
            }
        }
    }

    private void compute(SequenceStep sequence, List<Long> rows) {
        int[] table = sequence.blockTables()[0];
        int first = sequence.firstPosition();
        for (int i = 0; i < sequence.tokens().length; i++) {
            keys[slot(table, first + i)] = sequence.tokens()[i];
        }
        for (int i = sequence.logitsFrom(); i < sequence.tokens().length; i++) {
            long hash = 0;
            for (int position = 0; position <= first + i; position++) {
                hash = RandomSource.mix(hash + (long) keys[slot(table, position)] + 1);
            }
            rows.add(hash);
        }
    }

    private int slot(int[] table, int position) {
        return table[position / blockTokens] * blockTokens + position % blockTokens;
    }

    private float[] logits(long hash) {
        float[] logits = new float[description.vocabularySize()];
        for (int id = 0; id < logits.length; id++) {
            logits[id] = (RandomSource.mix(hash + id) >>> 40) / (float) (1 << 21);
        }
        word.ifPresent(token -> logits[(int) token] = 100);
        return logits;
    }

    private record Step(List<Long> rows) implements StepHandle {}

    private final class HostBlocks implements BlockPort {

        @Override
        public void export(
                int group,
                int block,
                int firstLayer,
                int layers,
                MemoryLease target,
                Completion<Void> done) {
            for (int i = 0; i < blockTokens; i++) {
                target.segment().set(FLOAT, 4L * i, keys[block * blockTokens + i]);
                target.segment().set(FLOAT, 4L * (blockTokens + i), 0);
            }
            done.completed(null);
        }

        @Override
        public void restore(
                int group,
                int block,
                int firstLayer,
                int layers,
                MemoryLease source,
                Completion<Void> done) {
            for (int i = 0; i < blockTokens; i++) {
                keys[block * blockTokens + i] = source.segment().get(FLOAT, 4L * i);
            }
            done.completed(null);
        }
    }
}
