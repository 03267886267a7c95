package dev.cairn.engine.cpu;

import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.util.List;
import java.util.Objects;

/**
 * Block traffic of the CPU runner: copies between a pool and the canonical layout, on the runner's
 * thread between steps, so that order needs no further thought.
 */
final class CpuBlocks implements BlockPort {

    private final List<KvPool> pools;
    private final StepThread thread;

    CpuBlocks(List<KvPool> pools, StepThread thread) {
        this.pools = pools;
        this.thread = thread;
    }

    @Override
    public void export(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease target,
            Completion<Void> done) {
        KvPool pool = check(group, block, firstLayer, layers, target);
        post(() -> pool.exportLayers(block, firstLayer, layers, target.segment()), done);
    }

    @Override
    public void restore(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease source,
            Completion<Void> done) {
        KvPool pool = check(group, block, firstLayer, layers, source);
        post(() -> pool.restoreLayers(block, firstLayer, layers, source.segment()), done);
    }

    private KvPool check(int group, int block, int firstLayer, int layers, MemoryLease lease) {
        KvPool pool = pools.get(Objects.checkIndex(group, pools.size()));
        BatchRules.checkBlock(pool.group(), block, "a transfer");
        Objects.checkFromIndexSize(firstLayer, layers, pool.group().layout().layers());
        long needed = layers * pool.group().group().layout().sliceBytes();
        if (lease.segment().byteSize() < needed) {
            throw new IllegalArgumentException(
                    "%d layers of a block take %d bytes, the lease has %d"
                            .formatted(layers, needed, lease.segment().byteSize()));
        }
        return pool;
    }

    private void post(Runnable copy, Completion<Void> done) {
        Transfer transfer = new Transfer(copy, done);
        if (!thread.post(transfer)) {
            transfer.refuse();
        }
    }

    private record Transfer(Runnable copy, Completion<Void> done) implements StepThread.Task {

        @Override
        public void run() {
            Throwable failure = null;
            try {
                copy.run();
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            }
            if (failure == null) {
                done.completed(null);
            } else {
                done.failed(failure);
            }
        }

        @Override
        public void refuse() {
            done.failed(CpuModelRunner.closedFailure());
        }
    }
}
