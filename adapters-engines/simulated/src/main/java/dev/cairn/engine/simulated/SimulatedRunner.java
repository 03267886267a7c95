package dev.cairn.engine.simulated;

import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.ports.system.Timers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A runner that computes nothing: a step is reported once the time has passed that it is told to
 * take, with tokens that are a function of the sequence.
 *
 * <p>In virtual time a thousand of them run in one thread. In real time reports come on the timers'
 * thread.
 */
public final class SimulatedRunner implements ModelRunner {

    private final RunnerDescription description;
    private final StepTimes times;
    private final Clock clock;
    private final Timers timers;
    private final SimulatedBlocks blocks;
    private final MadeUpLogits logits;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicReference<Waiting> waiting = new AtomicReference<>();
    private volatile Launched lastLaunched;
    private long steps;
    private volatile boolean closed;

    /**
     * @throws IllegalArgumentException if a block of a group is too small for its metadata, 8 bytes
     *     per token and layer
     */
    public SimulatedRunner(
            RunnerDescription description, StepTimes times, Clock clock, Timers timers) {
        for (LayerGroup group : description.groups()) {
            require(
                    group.layout().sliceBytes() >= SimulatedBlocks.leastSliceBytes(group),
                    "blocks of group " + group.index() + " are too small to be simulated");
        }
        this.description = description;
        this.times = times;
        this.clock = clock;
        this.timers = timers;
        this.blocks = new SimulatedBlocks(description, clock, timers);
        this.logits = new MadeUpLogits(description.vocabularySize());
    }

    @Override
    public RunnerDescription description() {
        return description;
    }

    @Override
    public StepHandle launch(StepBatch batch) {
        if (closed || inFlight.get() >= description.stepsInFlight()) {
            throw new IllegalStateException(
                    closed ? "the runner is closed" : "one step at a time; complete the last one");
        }
        check(batch);
        inFlight.incrementAndGet();
        batch.copies().forEach(blocks::copy);
        StepWork work = StepWork.of(batch, description.groups());
        long nanos = Math.round(times.nanos(work, RandomSource.mix(++steps)));
        lastLaunched = new Launched(batch, nanos, new GatedStep(batch, layers(), nanos, clock));
        return lastLaunched;
    }

    private int layers() {
        return description.groups().stream().mapToInt(group -> group.layers().size()).sum();
    }

    /** What the rows see of which logits are wanted; the step's own tokens are written. */
    private long[] compute(StepBatch batch) {
        long[] seen = new long[batch.logitRows()];
        int row = 0;
        for (SequenceStep sequence : batch.sequences()) {
            for (int i = 0; i < sequence.tokens().length; i++) {
                long everything = blocks.write(sequence, i);
                if (i >= sequence.logitsFrom()) {
                    seen[row++] = everything;
                }
            }
        }
        return seen;
    }

    @Override
    public void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
        Launched launched = (Launched) step;
        int wanted = launched.batch.logitRows();
        require(
                sampling.rows().size() == wanted,
                sampling.rows().size() + " rows sampled, " + wanted + " computed");
        Waiting report = new Waiting(done);
        waiting.set(report);
        launched.gates.onPassed(
                dueNanos -> {
                    long[] seen = compute(launched.batch);
                    List<TokenChoice> rows = new ArrayList<>(seen.length);
                    for (int i = 0; i < seen.length; i++) {
                        rows.add(logits.serve(seen[i], sampling.rows().get(i)));
                    }
                    StepResult result = new StepResult(rows, launched.nanos);
                    timers.schedule(dueNanos, () -> report(report, result));
                });
    }

    private void report(Waiting report, StepResult result) {
        if (waiting.compareAndSet(report, null)) {
            // Before the report: whoever hears it may launch the next step.
            inFlight.decrementAndGet();
            report.done.completed(result);
        }
    }

    @Override
    public boolean waitsAtGates() {
        return true;
    }

    @Override
    public BlockPort blocks() {
        return blocks;
    }

    @Override
    public void close() {
        closed = true;
        if (lastLaunched != null) {
            lastLaunched.gates.breakOpen();
        }
        Waiting cut = waiting.getAndSet(null);
        if (cut != null) {
            inFlight.decrementAndGet();
            cut.done.failed(
                    new IllegalStateException("the runner was closed before this was done"));
        }
    }

    private void check(StepBatch batch) {
        require(!batch.sequences().isEmpty(), "a step brings at least one sequence");
        require(
                batch.sequences().size() <= description.maxSequencesPerStep()
                        && batch.tokens() <= description.maxTokensPerStep()
                        && batch.logitRows() <= description.maxLogitRowsPerStep(),
                "%d sequences, %d tokens or %d rows of logits are too many"
                        .formatted(batch.sequences().size(), batch.tokens(), batch.logitRows()));
        for (StepBatch.BlockCopy copy : batch.copies()) {
            checkBlock(copy.group(), copy.from());
            checkBlock(copy.group(), copy.to());
        }
        batch.sequences().forEach(this::check);
    }

    private void check(SequenceStep sequence) {
        int last = sequence.firstPosition() + sequence.tokens().length - 1;
        require(last < description.maxPositions(), "position " + last + " is beyond the longest");
        require(sequence.adapter() == -1, "the simulated engine has no LoRA adapters");
        require(
                Arrays.stream(sequence.tokens())
                        .allMatch(id -> id >= 0 && id < description.vocabularySize()),
                "a token is out of the vocabulary");
        require(
                sequence.blockTables().length == description.groups().size(),
                "a block table is wanted for every layer group");
        for (LayerGroup group : description.groups()) {
            int[] table = sequence.blockTables()[group.index()];
            int end = last / group.blockTokens();
            require(table.length > end, "the block table ends before the last token");
            // What is read: the position before the first; what is written: the rest.
            int start = Math.max(0, sequence.firstPosition() - 1) / group.blockTokens();
            for (int i = start; i <= end; i++) {
                checkBlock(group.index(), table[i]);
            }
        }
    }

    private void checkBlock(int group, int block) {
        require(
                group >= 0
                        && group < description.groups().size()
                        && block >= 0
                        && block < description.poolBlocks().get(group),
                "there is no block " + block + " of group " + group);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private record Launched(StepBatch batch, long nanos, GatedStep gates) implements StepHandle {}

    private static final class Waiting {

        private final Completion<StepResult> done;

        private Waiting(Completion<StepResult> done) {
            this.done = done;
        }
    }
}
