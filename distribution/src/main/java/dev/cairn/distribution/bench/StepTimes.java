package dev.cairn.distribution.bench;

import dev.cairn.core.mailbox.EventHandler;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;

/**
 * Where the time of decode steps goes, measured from outside at the ports: stands between the
 * scheduler and its driver, its engine and those who hear it.
 *
 * <p>Threads: a scheduler's turns and the engine's reports, which take turns themselves while one
 * step is in flight; {@link #start} and {@link #nanos} while nothing runs, or in between.
 */
final class StepTimes {

    /** Parts of a step, in the order in which they come. */
    enum Part {
        /** What was reported is taken in, the next step is planned. */
        SCHEDULE,
        /** The engine checks the batch and starts. */
        LAUNCH,
        /** Masks and sampling rows, while the engine computes. */
        MASKS,
        FORWARD,
        SAMPLE,
        /** From the engine's report to the scheduler's turn: another thread wakes up. */
        HANDOVER,
        /** Tokens become text, stop strings are sought, the front end's listener is called. */
        TEXT,
        /** From one launch to the next. */
        WHOLE
    }

    private final Clock clock;
    private final long[] sums = new long[Part.values().length];
    private final int wanted;

    private long steps;
    private boolean counts;
    private long turnParts;
    private long launchEnded;
    private long lastLaunch;
    private volatile long reportedAt;

    /**
     * @param wanted sequences of the steps that count, all of which decode
     */
    StepTimes(Clock clock, int wanted) {
        this.clock = clock;
        this.wanted = wanted;
    }

    /** Steps that counted. */
    long steps() {
        return steps;
    }

    /** Of one step, on average. */
    double nanos(Part part) {
        return (double) sums[part.ordinal()] / Math.max(1, steps);
    }

    private void add(Part part, long nanos) {
        turnParts += nanos;
        if (counts) {
            sums[part.ordinal()] += nanos;
        }
    }

    /** The driver, with every turn measured. */
    MailboxDriver around(MailboxDriver driver) {
        return new MailboxDriver() {
            @Override
            public <E> Mailbox<E> open(String name, EventHandler<E> handler) {
                return driver.open(name, (event, nanos) -> turn(handler, event, nanos));
            }
        };
    }

    private <E> void turn(EventHandler<E> handler, E event, long nanos) {
        long begun = clock.nanos();
        long reported = reportedAt;
        boolean countedBefore = counts;
        reportedAt = 0;
        if (reported != 0) {
            add(Part.HANDOVER, begun - reported);
        }
        turnParts = 0;
        handler.on(event, nanos);
        long scheduled = clock.nanos() - begun - turnParts;
        if (countedBefore) {
            sums[Part.SCHEDULE.ordinal()] += scheduled;
        }
    }

    /** The engine, with every call and report measured. */
    ModelRunner around(ModelRunner runner) {
        return new MeasuredRunner(runner);
    }

    /** The backend, with those who hear it measured. */
    GenerationBackend around(GenerationBackend backend) {
        return new GenerationBackend() {
            @Override
            public BackendDescription description() {
                return backend.description();
            }

            @Override
            public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
                return backend.generate(
                        request,
                        event -> {
                            long begun = clock.nanos();
                            events.on(event);
                            add(Part.TEXT, clock.nanos() - begun);
                        });
            }

            @Override
            public LoadReport load() {
                return backend.load();
            }

            @Override
            public void close() {
                backend.close();
            }
        };
    }

    private final class MeasuredRunner implements ModelRunner {

        private final ModelRunner runner;

        MeasuredRunner(ModelRunner runner) {
            this.runner = runner;
        }

        @Override
        public RunnerDescription description() {
            return runner.description();
        }

        @Override
        public StepHandle launch(StepBatch batch) {
            long begun = clock.nanos();
            boolean counted = counts;
            if (counted) {
                sums[Part.WHOLE.ordinal()] += begun - lastLaunch;
            }
            lastLaunch = begun;
            counts = batch.sequences().size() == wanted && batch.tokens() == wanted;
            StepHandle handle = runner.launch(batch);
            launchEnded = clock.nanos();
            add(Part.LAUNCH, launchEnded - begun);
            return handle;
        }

        @Override
        public void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
            long begun = clock.nanos();
            add(Part.MASKS, begun - launchEnded);
            boolean counted = counts;
            runner.complete(
                    step,
                    sampling,
                    new Completion<>() {
                        @Override
                        public void completed(StepResult result) {
                            if (counted) {
                                steps++;
                                long sampled = result.samplingNanos();
                                sums[Part.SAMPLE.ordinal()] += sampled;
                                sums[Part.FORWARD.ordinal()] += result.computeNanos() - sampled;
                            }
                            reportedAt = clock.nanos();
                            done.completed(result);
                        }

                        @Override
                        public void failed(Throwable failure) {
                            done.failed(failure);
                        }
                    });
            add(Part.LAUNCH, clock.nanos() - begun);
        }

        @Override
        public BlockPort blocks() {
            return runner.blocks();
        }

        @Override
        public void close() {
            runner.close();
        }
    }
}
