package dev.cairn.core.schedule;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One decode step of the scheduler: report taken in, tokens told, next step planned and launched.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SchedulerBenchmark {

    @Param({"1", "8", "32"})
    private int streams;

    private final VirtualDriver driver = new VirtualDriver();
    private final InstantRunner runner = new InstantRunner();
    private ScheduledBackend backend;
    private int requests;

    @Setup
    public void start() {
        backend =
                new ScheduledBackend(
                        "bench",
                        "bench",
                        runner,
                        new ByteCodec(false),
                        SchedulerSettings.forModelLength(4096),
                        driver,
                        Telemetry.none(),
                        StepListener.NONE);
        for (int i = 0; i < streams; i++) {
            submit();
        }
    }

    /** Streams end after a while, lest they outgrow the pool; another follows. */
    private void submit() {
        int number = requests++;
        backend.generate(
                new Ask("request " + number, Ask.prompt(number, 32)).maxTokens(1000).request(),
                event -> {
                    if (event instanceof TokenEvent.Ended) {
                        submit();
                    }
                });
    }

    @Benchmark
    public long step() {
        long before = runner.steps();
        while (runner.steps() == before) {
            driver.runOne();
        }
        return before;
    }
}
