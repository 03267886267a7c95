package dev.cairn.core.sample;

import dev.cairn.ports.engine.Sampler;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.request.SamplingParameters;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Random;
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

/** The sampler over one row of logits of a large vocabulary. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplerBenchmark {

    private static final int VOCABULARY = 128_256;

    @Param({"greedy", "temperature", "top_p", "logprobs"})
    private String kind;

    private final Sampler.Scratch scratch = new Sampler.Scratch(VOCABULARY);
    private MemorySegment logits;
    private SamplingRow row;

    @Setup
    public void fill() {
        Random random = new Random(1);
        float[] values = new float[VOCABULARY];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (3 * random.nextGaussian());
        }
        logits = MemorySegment.ofArray(values);
        float temperature = "greedy".equals(kind) ? 0 : 1;
        float topP = "top_p".equals(kind) ? 0.9f : 1;
        int top = "logprobs".equals(kind) ? 5 : -1;
        row =
                new SamplingRow.Sample(
                        new SamplingParameters(temperature, topP, 0, 0, 0, 0, 1, Map.of()),
                        42,
                        17,
                        null,
                        null,
                        top,
                        false);
    }

    @Benchmark
    public TokenChoice serve() {
        return Sampler.serve(logits, VOCABULARY, row, scratch);
    }
}
