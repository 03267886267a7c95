package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.Crew;
import dev.cairn.engine.cpu.packed.PackedWriting;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.TokenChoice;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * What a runner computes with: crew, weights, pools and work memory, and the three things that it
 * does with them; and who writes the weights down meanwhile. Threads: all but {@link #pools} on the
 * runner's thread, {@link #close} after it has ended.
 */
record RunnerMachine(
        Crew crew,
        OffHeap offHeap,
        List<KvPool> pools,
        RaggedStep step,
        ForwardPass pass,
        RowSampling sampling,
        Optional<PackedWriting> writing)
        implements AutoCloseable {

    /**
     * Copies blocks, then computes the batch.
     *
     * @param gates of its sequences
     * @return {@code [logit rows, vocabulary]}, valid until the next call
     */
    MemorySegment forward(StepBatch batch, StepGates gates) {
        for (StepBatch.BlockCopy copy : batch.copies()) {
            pools.get(copy.group()).copy(copy.from(), copy.to());
        }
        step.lay(batch);
        return pass.run(step, gates);
    }

    List<TokenChoice> sample(MemorySegment logits, SamplingBatch batch) {
        return sampling.run(logits, batch);
    }

    @Override
    public void close() {
        writing.ifPresent(PackedWriting::close);
        crew.close();
        offHeap.close();
    }
}
