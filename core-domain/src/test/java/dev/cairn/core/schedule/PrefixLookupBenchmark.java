package dev.cairn.core.schedule;

import dev.cairn.core.block.BlockPools;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.core.block.PrefixCaching;
import dev.cairn.core.block.PrefixHashes;
import dev.cairn.core.block.SequenceBlocks;
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

/** How long it takes to find a cached prompt: hashing its blocks, and looking them up. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PrefixLookupBenchmark {

    @Param({"512", "4096"})
    private int tokens;

    private PrefixCache cache;
    private PrefixHashes hashed;
    private int[] prompt;

    @Setup
    public void fill() {
        BlockPools pools = new BlockPools(InstantRunner.description(8192));
        cache = new PrefixCache(pools, PrefixCaching.ON, false);
        prompt = Ask.prompt(7, tokens + 1);
        hashed = cache.newPrefix("");
        hashed.extendTo(prompt, prompt.length);
        SequenceBlocks blocks = pools.newSequence();
        if (!blocks.extendTo(tokens)) {
            throw new IllegalStateException("the pool is too small");
        }
        cache.enter(blocks, hashed, prompt, tokens);
        blocks.releaseAll();
    }

    @Benchmark
    public int lookup() {
        return cache.longestHit(hashed, tokens);
    }

    @Benchmark
    public int hashAndLookup() {
        PrefixHashes fresh = cache.newPrefix("");
        fresh.extendTo(prompt, prompt.length);
        return cache.longestHit(fresh, tokens);
    }
}
