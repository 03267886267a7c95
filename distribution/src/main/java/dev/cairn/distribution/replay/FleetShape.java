package dev.cairn.distribution.replay;

import dev.cairn.core.simulate.TraceRequest;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.distribution.bench.prompt.Trace;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.engine.simulated.TimeOnlyRunner;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.model.ModelFingerprint;
import java.util.ArrayList;
import java.util.List;

/**
 * What a replayed fleet is made of. Blocks are those of the trace: where blocks of prompts are
 * known by id only, smaller ones would find no more.
 *
 * @param costs of one worker's engine
 * @param cacheTokens of each worker
 * @param longest prompt and answer together, in tokens
 */
record FleetShape(int workers, CostModel costs, long cacheTokens, int longest) {

    static final int BLOCK_TOKENS = Trace.BLOCK_TOKENS;

    private static final int STEP_TOKENS = 8192;
    private static final int STEP_SEQUENCES = 256;

    FleetShape withWorkers(int count) {
        return new FleetShape(count, costs, cacheTokens, longest);
    }

    FleetShape slower(double times) {
        return new FleetShape(workers, costs.slower(times), cacheTokens, longest);
    }

    List<TimeOnlyRunner> runners(VirtualDriver driver) {
        RunnerDescription description = description();
        List<TimeOnlyRunner> runners = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            runners.add(new TimeOnlyRunner(description, costs, driver, driver));
        }
        return runners;
    }

    private RunnerDescription description() {
        KvLayout layout = new KvLayout(1, BLOCK_TOKENS, 1, 1, KvType.BFLOAT16);
        return new RunnerDescription(
                "simulated",
                "SIMULATED, takes the time of " + costs.subject(),
                new ModelFingerprint("0".repeat(64)),
                new ComputeIdentity("simulated"),
                List.of(new LayerGroup(0, new StateKind.FullAttention(), List.of(0), layout)),
                List.of(Math.toIntExact(cacheTokens / BLOCK_TOKENS)),
                TraceRequest.VOCABULARY,
                longest,
                STEP_TOKENS,
                STEP_SEQUENCES,
                STEP_TOKENS,
                1,
                0,
                0);
    }
}
