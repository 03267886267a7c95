package dev.cairn.engine.cpu;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Block traffic of the CPU runner: copies between a pool and the canonical layout. Blocks go out on
 * the runner's thread between steps, so that they hold what the steps before wrote. They come in on
 * threads of their own beside the running step, which does not look at them, or waits at a gate; or
 * on that of whoever received them.
 */
final class CpuBlocks implements BlockPort, AutoCloseable {

    private final List<KvGroup> groups;
    private final RunnerMemory memory;
    private final StepThread thread;

    /** One core copies slower than its memory gives. */
    private final List<StepThread> incoming =
            List.of(new StepThread("cairn-cpu-blocks-0"), new StepThread("cairn-cpu-blocks-1"));

    CpuBlocks(List<KvGroup> groups, RunnerMemory memory, StepThread thread) {
        this.groups = groups;
        this.memory = memory;
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
        check(group, block, firstLayer, layers, target);
        post(
                thread,
                ThreadWork.of(
                        () -> pool(group).exportLayers(block, firstLayer, layers, target.segment()),
                        done));
    }

    @Override
    public void restore(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease source,
            Completion<Void> done) {
        check(group, block, firstLayer, layers, source);
        bringIn(
                block,
                () -> {
                    pool(group).restoreLayers(block, firstLayer, layers, source.segment());
                    return null;
                },
                done);
    }

    @Override
    public boolean restoresHere() {
        return true;
    }

    @Override
    public void restoreHere(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease source,
            Completion<Void> done) {
        check(group, block, firstLayer, layers, source);
        ThreadWork.of(
                        () ->
                                memory.whileAwake(
                                        () -> {
                                            pool(group)
                                                    .restoreLayers(
                                                            block,
                                                            firstLayer,
                                                            layers,
                                                            source.segment());
                                            return null;
                                        }),
                        done)
                .run();
    }

    /** A slice is verified when the processor's cache is about to have it anyway. */
    @Override
    public void restoreLent(
            int group,
            int block,
            int firstLayer,
            int layers,
            BlockBytes source,
            Completion<Boolean> done) {
        check(group, block, firstLayer, layers, source.bytes());
        if (!source.layout().equals(groups.get(group).group().layout())) {
            throw new IllegalArgumentException(
                    "a block of layout %s is none of group %d".formatted(source.layout(), group));
        }
        bringIn(
                block,
                () -> {
                    for (int layer = firstLayer; layer < firstLayer + layers; layer++) {
                        if (!source.isSound(layer, 1)) {
                            return false;
                        }
                        long start = source.layout().sliceOffset(layer);
                        MemorySegment slice =
                                source.bytes()
                                        .segment()
                                        .asSlice(start, source.layout().sliceBytes());
                        pool(group).restoreLayers(block, layer, 1, slice);
                    }
                    return true;
                },
                done);
    }

    private <T> void bringIn(int block, Supplier<T> copy, Completion<T> done) {
        post(
                incoming.get(block % incoming.size()),
                new ThreadWork<>(() -> memory.whileAwake(copy), done));
    }

    private KvPool pool(int group) {
        return memory.machine().pools().get(group);
    }

    private void check(int index, int block, int firstLayer, int layers, MemoryLease lease) {
        KvGroup group = groups.get(Objects.checkIndex(index, groups.size()));
        BatchRules.checkBlock(group, block, "a transfer");
        Objects.checkFromIndexSize(firstLayer, layers, group.layout().layers());
        long needed = layers * group.group().layout().sliceBytes();
        if (lease.segment().byteSize() < needed) {
            throw new IllegalArgumentException(
                    "%d layers of a block take %d bytes, the lease has %d"
                            .formatted(layers, needed, lease.segment().byteSize()));
        }
    }

    private static void post(StepThread where, ThreadWork<?> transfer) {
        if (!where.post(transfer)) {
            transfer.refuse();
        }
    }

    /** Nothing comes in any more; what waits to is refused. */
    @Override
    public void close() {
        incoming.forEach(StepThread::close);
    }
}
