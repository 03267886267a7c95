package dev.cairn.engine.cpu;

import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SleepPort;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.system.Completion;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Runs a transformer on the cores of this machine.
 *
 * <p>The forward pass of a step starts at {@link #launch}; sampling follows it once {@link
 * #complete} has said how. Both happen on one thread of the runner's own, which drives a crew of
 * others. Blocks leave between steps, on the same thread, and come in while steps run, on another.
 */
public final class CpuModelRunner implements ModelRunner {

    private static final int STEPS_IN_FLIGHT = 1;

    private final RunnerDescription description;
    private final RunnerMemory memory;
    private final BatchRules rules;
    private final StepThread thread = new StepThread("cairn-cpu-steps");
    private final CpuBlocks blocks;
    private final CpuAdapters adapters;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile StepGates lastGates;
    private volatile boolean closed;

    /**
     * @param assembly makes what it computes with, now and whenever it wakes
     * @param unload gives back what reading the weights has left in memory
     * @param groups of its KV blocks
     * @param adapters belong to the runner from now on
     */
    CpuModelRunner(
            RunnerDescription description,
            Supplier<RunnerMachine> assembly,
            Runnable unload,
            BatchRules rules,
            List<KvGroup> groups,
            CpuAdapters adapters) {
        this.description = description;
        this.rules = rules;
        this.adapters = adapters;
        try {
            memory = new RunnerMemory(assembly, unload, thread);
        } catch (RuntimeException | Error failure) {
            thread.close();
            adapters.close();
            throw failure;
        }
        blocks = new CpuBlocks(groups, memory, thread);
    }

    @Override
    public RunnerDescription description() {
        return description;
    }

    @Override
    public StepHandle launch(StepBatch batch) {
        if (closed) {
            throw new IllegalStateException("the runner is closed");
        }
        rules.check(batch);
        if (inFlight.get() >= STEPS_IN_FLIGHT) {
            throw new IllegalStateException(
                    "the CPU runner takes one step at a time; complete the last one first");
        }
        LaunchedStep step = new LaunchedStep(this, batch);
        inFlight.incrementAndGet();
        lastGates = step.gates;
        thread.post(step);
        return step;
    }

    @Override
    public void complete(StepHandle handle, SamplingBatch sampling, Completion<StepResult> done) {
        if (!(handle instanceof LaunchedStep step) || step.owner != this) {
            throw new IllegalArgumentException("the step was not launched on this runner");
        }
        if (step.completed) {
            throw new IllegalStateException("the step has been completed before");
        }
        int rows = step.batch.logitRows();
        if (sampling.rows().size() != rows) {
            throw new IllegalArgumentException(
                    "the step has %d rows of logits, the sampling batch %d"
                            .formatted(rows, sampling.rows().size()));
        }
        step.completed = true;
        SamplingTask task = new SamplingTask(step, sampling, done);
        if (!thread.post(task)) {
            task.refuse();
        }
    }

    @Override
    public BlockPort blocks() {
        return blocks;
    }

    @Override
    public boolean waitsAtGates() {
        return true;
    }

    @Override
    public Optional<AdapterPort> adapters() {
        return Optional.of(adapters);
    }

    @Override
    public Optional<SleepPort> sleep() {
        return Optional.of(memory);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (lastGates != null) {
            lastGates.breakOpen();
        }
        blocks.close();
        thread.close();
        adapters.close();
        memory.close();
    }

    static IllegalStateException closedFailure() {
        return new IllegalStateException("the runner was closed before this was done");
    }

    /** The forward pass of one step; its logits stay in the machine until the next one. */
    private static final class LaunchedStep implements StepHandle, StepThread.Task {

        private final CpuModelRunner owner;
        private final StepBatch batch;
        private final StepGates gates;
        private boolean completed;
        private MemorySegment logits;
        private Throwable failure;
        private long nanos;

        LaunchedStep(CpuModelRunner owner, StepBatch batch) {
            this.owner = owner;
            this.batch = batch;
            this.gates = StepGates.of(batch);
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            try {
                logits = owner.memory.machine().forward(batch, gates);
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            }
            nanos = System.nanoTime() - start - gates.waitedNanos();
        }

        @Override
        public void refuse() {
            failure = closedFailure();
        }
    }

    private final class SamplingTask implements StepThread.Task {

        private final LaunchedStep step;
        private final SamplingBatch sampling;
        private final Completion<StepResult> done;

        SamplingTask(LaunchedStep step, SamplingBatch sampling, Completion<StepResult> done) {
            this.step = step;
            this.sampling = sampling;
            this.done = done;
        }

        @Override
        public void run() {
            StepResult result = null;
            if (step.failure == null) {
                long start = System.nanoTime();
                try {
                    var choices = memory.machine().sample(step.logits, sampling);
                    long nanos = System.nanoTime() - start;
                    result = new StepResult(choices, step.nanos + nanos, nanos);
                } catch (RuntimeException | Error thrown) {
                    step.failure = thrown;
                }
            }
            // before the report: whoever hears it may launch the next step
            inFlight.decrementAndGet();
            if (result != null) {
                done.completed(result);
            } else {
                done.failed(step.failure);
            }
        }

        @Override
        public void refuse() {
            inFlight.decrementAndGet();
            done.failed(closedFailure());
        }
    }
}
