package dev.cairn.engine.cpu.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@link KvBlocks} in C, where the library is there: blocks move at the pace of the memory.
 * Threads: any.
 */
final class NativeBlocks {

    private static final Optional<NativeBlocks> INSTANCE =
            NativeLibrary.get().absence().isEmpty()
                    ? Optional.of(new NativeBlocks(NativeLibrary.get()))
                    : Optional.empty();

    private final MethodHandle move;

    /** {@code block_layout} of each layout; a process has as many as layer groups. */
    private final Map<KvLayout, MemorySegment> layouts = new ConcurrentHashMap<>();

    private NativeBlocks(NativeLibrary library) {
        move =
                library.handle(
                        "cairn_move_block_layer",
                        FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
    }

    static Optional<NativeBlocks> get() {
        return INSTANCE;
    }

    /**
     * Moves one layer of one block.
     *
     * @param out whether it leaves the pool
     * @param inPool the layer's block in the pool, from its first head on
     * @param canonical as {@link KvBlocks} says
     */
    void move(boolean out, KvLayout layout, MemorySegment inPool, MemorySegment canonical) {
        KernelChecks.atLeast("the block", inPool, layout.blockLayerBytes());
        KernelChecks.atLeast("canonical bytes", canonical, KvBlocks.canonicalLayerBytes(layout));
        MemorySegment described = layouts.computeIfAbsent(layout, NativeBlocks::describe);
        try {
            move.invokeExact(out ? 1 : 0, described, inPool, canonical);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("moving a KV block failed", e);
        }
    }

    private static MemorySegment describe(KvLayout layout) {
        MemoryLayout struct =
                MemoryLayout.structLayout(
                        MemoryLayout.sequenceLayout(6, JAVA_INT),
                        MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_LONG));
        MemorySegment bytes = Arena.global().allocate(struct);
        int[] small = {
            layout.element().bytes(),
            layout.kvHeads(),
            layout.headSize(),
            layout.blockTokens(),
            layout.valueRow(),
            layout.element().scaled() ? 1 : 0
        };
        long[] large = {
            layout.headBytes(),
            layout.valueOffset(),
            layout.keyScaleOffset(),
            layout.valueScaleOffset()
        };
        MemorySegment.copy(small, 0, bytes, JAVA_INT, 0, small.length);
        MemorySegment.copy(large, 0, bytes, ValueLayout.JAVA_LONG, 24, large.length);
        return bytes;
    }
}
