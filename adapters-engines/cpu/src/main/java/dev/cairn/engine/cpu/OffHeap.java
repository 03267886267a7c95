package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.HugeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * Zeroed off-heap memory of one runner, aligned to {@value #ALIGNMENT} bytes; large pieces cost
 * memory only as they are touched.
 *
 * <p>Threads: any. Everything is given back by {@link #close}.
 */
final class OffHeap implements SegmentAllocator, AutoCloseable {

    static final long ALIGNMENT = 64;

    private final Arena arena = Arena.ofShared();

    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        if (alignment > ALIGNMENT) {
            throw new IllegalArgumentException("memory here is aligned to " + ALIGNMENT + " bytes");
        }
        return HugeMemory.allocate(Math.max(bytes, 1), arena);
    }

    /** What lives as long as this memory. */
    Arena arena() {
        return arena;
    }

    /** An array of float32, copied. */
    MemorySegment floats(float[] values) {
        MemorySegment memory = allocate(4L * values.length);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
        return memory;
    }

    @Override
    public void close() {
        arena.close();
    }
}
