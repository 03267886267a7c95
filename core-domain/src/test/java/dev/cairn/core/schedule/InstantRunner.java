package dev.cairn.core.schedule;

import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.system.Completion;
import java.util.Collections;
import java.util.List;

/**
 * Says one and the same token to everything, at once: what is measured over it is not the engine.
 */
final class InstantRunner implements ModelRunner {

    private static final int TOKEN = 100;

    private long steps;

    static RunnerDescription description(int blocks) {
        var layout = new KvLayout(1, 16, 1, 1, KvType.FLOAT32);
        var group = new LayerGroup(0, new LayerGroup.StateKind.FullAttention(), List.of(0), layout);
        return new RunnerDescription(
                "instant",
                "instant runner",
                new ModelFingerprint("0".repeat(64)),
                new ComputeIdentity("instant/1"),
                List.of(group),
                List.of(blocks),
                300,
                8192,
                8192,
                64,
                64,
                1,
                0,
                0);
    }

    /** Steps so far. */
    long steps() {
        return steps;
    }

    @Override
    public RunnerDescription description() {
        return description(8192);
    }

    @Override
    public StepHandle launch(StepBatch batch) {
        steps++;
        return new StepHandle() {};
    }

    @Override
    public void complete(StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
        int rows = sampling.rows().size();
        done.completed(new StepResult(Collections.nCopies(rows, TokenChoice.bare(TOKEN)), 0));
    }

    @Override
    public BlockPort blocks() {
        throw new IllegalStateException("there is nothing in these blocks");
    }

    @Override
    public void close() {}
}
