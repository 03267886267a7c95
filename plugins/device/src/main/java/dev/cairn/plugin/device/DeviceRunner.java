package dev.cairn.plugin.device;

import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.SleepPort;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.system.Completion;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Runs a transformer on a device that has memory and streams of its own.
 *
 * <p>The forward pass is put on the compute stream at {@link #launch}, layer by layer where the
 * step waits at gates; sampling follows it once {@link #complete} has said how, and its result is
 * fetched when the device has passed the step's mark. Blocks leave and come meanwhile, on another
 * stream.
 *
 * <p>A device that is lost fails everything from then on, and {@link #brokenBecause} says so.
 */
public final class DeviceRunner implements ModelRunner {

    private static final int STEPS_IN_FLIGHT = 1;

    private final RunnerDescription description;
    private final BatchRules rules;
    private final OwnerThread thread;
    private final Supplier<RunnerMachine> assembly;
    private final Runnable unload;
    private final Transfers transfers;
    private final AdapterLoads adapters;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile LaunchedStep last;
    private volatile boolean closed;
    private volatile String lost;

    /** The owner thread's own. */
    private RunnerMachine machine;

    private LaunchedStep current;

    /**
     * @param layers of the model
     * @param assembly makes what it computes with, on the owner's thread, now and whenever it wakes
     * @param description of what the first assembly made, asked for on the owner's thread after it
     * @param unload gives back what reading the weights has left in the host's memory
     */
    DeviceRunner(
            String threadName,
            BatchRules rules,
            int layers,
            Supplier<RunnerMachine> assembly,
            Supplier<RunnerDescription> description,
            Runnable unload) {
        this.rules = rules;
        this.assembly = assembly;
        this.unload = unload;
        thread = new OwnerThread(threadName, this::look, this::end);
        transfers = new Transfers(rules, thread, () -> current != null && !current.isWhollyGiven());
        adapters = new AdapterLoads(rules.adapters(), layers, thread);
        thread.start();
        try {
            this.description =
                    OwnerWork.await(
                            thread,
                            () -> {
                                wake();
                                return description.get();
                            });
        } catch (RuntimeException | Error failure) {
            thread.close();
            transfers.close();
            adapters.close();
            throw failure;
        }
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
        if (lost != null) {
            throw new IllegalStateException(lost);
        }
        rules.check(batch);
        if (inFlight.get() >= STEPS_IN_FLIGHT) {
            throw new IllegalStateException(
                    "this runner takes one step at a time; complete the last one first");
        }
        LaunchedStep step = new LaunchedStep(this, batch);
        inFlight.incrementAndGet();
        last = step;
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
        thread.post(new SamplingTask(step, sampling, done));
    }

    @Override
    public BlockPort blocks() {
        return transfers;
    }

    @Override
    public Optional<AdapterPort> adapters() {
        return Optional.of(adapters);
    }

    @Override
    public boolean waitsAtGates() {
        return true;
    }

    @Override
    public Optional<SleepPort> sleep() {
        return Optional.of(
                new SleepPort() {
                    @Override
                    public void sleep(Completion<Void> done) {
                        thread.post(OwnerWork.of(DeviceRunner.this::doze, done));
                    }

                    @Override
                    public void wake(Completion<Void> done) {
                        thread.post(OwnerWork.of(DeviceRunner.this::wake, done));
                    }
                });
    }

    @Override
    public Optional<String> brokenBecause() {
        return Optional.ofNullable(lost);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (last != null) {
            last.breakGates();
        }
        thread.close();
        transfers.close();
        adapters.close();
    }

    static IllegalStateException closedFailure() {
        return new IllegalStateException("the runner was closed before this was done");
    }

    private void wake() {
        if (machine == null) {
            machine = assembly.get();
            transfers.over(machine);
            adapters.over(machine);
        }
    }

    private void doze() {
        if (machine != null) {
            IllegalStateException asleep =
                    new IllegalStateException("the runner sleeps; wake it first");
            transfers.fail(asleep);
            transfers.over(null);
            transfers.rest();
            adapters.fail(asleep);
            adapters.over(null);
            machine.close();
            machine = null;
            unload.run();
        }
    }

    /** The owner thread's last act. */
    private void end() {
        if (current != null) {
            report(current, closedFailure());
        }
        transfers.fail(closedFailure());
        transfers.over(null);
        transfers.rest();
        adapters.fail(closedFailure());
        adapters.over(null);
        if (machine != null) {
            machine.close();
            machine = null;
        }
    }

    /** Reports what the device has done; whether it is still at work. */
    private boolean look() {
        try {
            if (current != null
                    && current.isGivenToTheEnd()
                    && machine.device().isPassed(machine.stepDone())) {
                finish(current);
            }
            boolean copying = transfers.look() | adapters.look();
            return copying || (current != null && current.isGivenToTheEnd());
        } catch (DeviceLostException failure) {
            lose(failure);
            return false;
        }
    }

    private void finish(LaunchedStep step) {
        long nanos = System.nanoTime() - step.begin - step.waitedNanos;
        try {
            var choices = machine.sampling().results(step.sampling, step::isGarbage);
            current = null;
            // before the report: whoever hears it may launch the next step
            inFlight.decrementAndGet();
            step.done.completed(new StepResult(choices, nanos));
        } catch (ArithmeticException thrown) {
            report(step, thrown);
        }
    }

    private void lose(DeviceLostException failure) {
        lost = failure.getMessage();
        if (current != null) {
            current.failure = failure;
            settle(current);
        }
        transfers.fail(failure);
        adapters.fail(failure);
    }

    /** A step that failed is reported when somebody has asked for its result. */
    private void settle(LaunchedStep step) {
        if (step.done != null) {
            report(step, step.failure);
        }
    }

    private void report(LaunchedStep step, Throwable failure) {
        current = null;
        inFlight.decrementAndGet();
        if (step.done != null) {
            step.done.failed(failure);
        }
    }

    /** Runs what puts a step's work on the device; a failure is the step's. */
    private void guard(LaunchedStep step, Runnable work) {
        try {
            work.run();
        } catch (DeviceLostException failure) {
            lose(failure);
        } catch (RuntimeException | Error failure) {
            step.failure = failure;
            drain(step);
            settle(step);
        }
    }

    /** What the failed step has given must be through before its memory is written again. */
    private void drain(LaunchedStep step) {
        try {
            if (machine != null) {
                machine.device().synchronize(machine.compute());
            }
        } catch (DeviceLostException failure) {
            // what failed was the first to meet the loss, and may have no word for it
            failure.addSuppressed(step.failure);
            step.failure = failure;
            lost = failure.getMessage();
        } catch (DeviceException _) {
            // the step has failed already, and says why
        }
    }

    /** A step on its way through the device. */
    private static final class LaunchedStep implements StepHandle, OwnerThread.Task {

        private final DeviceRunner owner;
        private final StepBatch batch;
        private final StepGates gates;
        private boolean completed;
        private SamplingBatch sampling;
        private Completion<StepResult> done;
        private Throwable failure;
        private int nextLayer;
        private boolean whollyGiven;
        private boolean givenToTheEnd;
        private long begin;
        private long stopped;
        private long waitedNanos;

        LaunchedStep(DeviceRunner owner, StepBatch batch) {
            this.owner = owner;
            this.batch = batch;
            gates = StepGates.of(batch);
        }

        @Override
        public void run() {
            owner.current = this;
            begin = System.nanoTime();
            if (owner.lost != null) {
                failure = new DeviceLostException(owner.lost);
                return;
            }
            owner.guard(
                    this,
                    () -> {
                        boolean layered = owner.machine().pass().begin(batch, gates.waits());
                        if (!layered) {
                            given();
                            return;
                        }
                        gates.onChange(() -> owner.thread.post(new GateTask(this)));
                        advance();
                    });
        }

        @Override
        public void refuse() {
            failure = closedFailure();
        }

        /** Gives the device the layers whose blocks have come. */
        void advance() {
            if (failure != null || whollyGiven) {
                return;
            }
            RunnerMachine machine = owner.machine();
            if (stopped != 0) {
                waitedNanos += System.nanoTime() - stopped;
                stopped = 0;
            }
            for (; nextLayer < machine.pass().layers(); nextLayer++) {
                if (!gates.pass(nextLayer)) {
                    stopped = System.nanoTime();
                    return;
                }
                machine.pass().layer(nextLayer);
            }
            machine.pass().end();
            given();
        }

        /** The forward pass is on the stream. */
        private void given() {
            RunnerMachine machine = owner.machine();
            machine.device().record(machine.written(), machine.compute());
            whollyGiven = true;
            owner.transfers.serve();
            giveTheEnd();
        }

        /** Sampling, once it is known how and the forward pass is given. */
        void giveTheEnd() {
            if (whollyGiven && done != null && failure == null) {
                RunnerMachine machine = owner.machine();
                machine.sampling().begin(sampling);
                machine.device().record(machine.stepDone(), machine.compute());
                givenToTheEnd = true;
            }
        }

        /** Whether a row of logits belongs to a sequence behind a gate that was broken. */
        boolean isGarbage(int row) {
            int end = 0;
            for (SequenceStep sequence : batch.sequences()) {
                end += sequence.tokens().length - sequence.logitsFrom();
                if (row < end) {
                    return sequence.gate().isBroken();
                }
            }
            return false;
        }

        boolean isWhollyGiven() {
            return whollyGiven || failure != null;
        }

        boolean isGivenToTheEnd() {
            return givenToTheEnd;
        }

        void breakGates() {
            gates.breakOpen();
        }
    }

    private RunnerMachine machine() {
        if (machine == null) {
            throw new IllegalStateException("the runner sleeps; wake it first");
        }
        return machine;
    }

    /** A gate was opened or broken. */
    private record GateTask(LaunchedStep step) implements OwnerThread.Task {

        @Override
        public void run() {
            if (step.owner.current == step) {
                step.owner.guard(step, step::advance);
            }
        }

        @Override
        public void refuse() {
            // the step itself is refused, or ended by the closing
        }
    }

    private final class SamplingTask implements OwnerThread.Task {

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
            step.sampling = sampling;
            step.done = done;
            if (step.failure != null) {
                settle(step);
            } else {
                guard(step, step::giveTheEnd);
            }
        }

        @Override
        public void refuse() {
            inFlight.decrementAndGet();
            done.failed(closedFailure());
        }
    }
}
