package dev.cairn.engine.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Zeroed off-heap memory of one runner, aligned to {@value #ALIGNMENT} bytes.
 *
 * <p>Large pieces come from {@code calloc}: the system hands out zero pages as they are touched, so
 * a KV pool costs memory only as it fills, where {@link Arena#allocate} would write every page at
 * once. On Linux they are advised to lie in huge pages, which a product over a gigabyte of weights
 * needs to read at full speed. Without the C library's symbols the arena serves alone, correct but
 * slower to start.
 *
 * <p>Threads: any. Everything is given back by {@link #close}.
 */
final class OffHeap implements SegmentAllocator, AutoCloseable {

    static final long ALIGNMENT = 64;

    private static final long LARGE = 4 << 20;
    private static final long HUGE_PAGE = 2 << 20;
    private static final int MADV_HUGEPAGE = 14;
    private static final Optional<CLibrary> C_LIBRARY = CLibrary.find();

    private final Arena arena = Arena.ofShared();

    /** Handles of {@code calloc}, {@code free} and, on Linux, {@code madvise}. */
    private record CLibrary(
            MethodHandle calloc, MethodHandle free, Optional<MethodHandle> madvise) {

        static Optional<CLibrary> find() {
            Linker linker = Linker.nativeLinker();
            SymbolLookup symbols = linker.defaultLookup();
            Optional<MethodHandle> calloc =
                    symbols.find("calloc")
                            .map(
                                    address ->
                                            linker.downcallHandle(
                                                    address,
                                                    FunctionDescriptor.of(
                                                            ValueLayout.ADDRESS,
                                                            ValueLayout.JAVA_LONG,
                                                            ValueLayout.JAVA_LONG)));
            Optional<MethodHandle> free =
                    symbols.find("free")
                            .map(
                                    address ->
                                            linker.downcallHandle(
                                                    address,
                                                    FunctionDescriptor.ofVoid(
                                                            ValueLayout.ADDRESS)));
            boolean linux = System.getProperty("os.name", "").startsWith("Linux");
            Optional<MethodHandle> madvise =
                    (linux ? symbols.find("madvise") : Optional.<MemorySegment>empty())
                            .map(
                                    address ->
                                            linker.downcallHandle(
                                                    address,
                                                    FunctionDescriptor.of(
                                                            ValueLayout.JAVA_INT,
                                                            ValueLayout.ADDRESS,
                                                            ValueLayout.JAVA_LONG,
                                                            ValueLayout.JAVA_INT)));
            return calloc.isPresent() && free.isPresent()
                    ? Optional.of(new CLibrary(calloc.get(), free.get(), madvise))
                    : Optional.empty();
        }

        MemorySegment zeroed(long bytes) {
            try {
                return (MemorySegment) calloc.invokeExact(1L, bytes);
            } catch (Throwable thrown) {
                throw new AssertionError("calloc throws nothing", thrown);
            }
        }

        void release(MemorySegment memory) {
            try {
                free.invokeExact(memory);
            } catch (Throwable thrown) {
                throw new AssertionError("free throws nothing", thrown);
            }
        }

        void adviseHugePages(MemorySegment memory) {
            if (madvise.isEmpty()) {
                return;
            }
            try {
                // advice only: where the system declines, small pages serve as well
                int _ = (int) madvise.get().invokeExact(memory, memory.byteSize(), MADV_HUGEPAGE);
            } catch (Throwable thrown) {
                throw new AssertionError("madvise throws nothing", thrown);
            }
        }
    }

    /**
     * Allocates zeroed memory.
     *
     * @throws OutOfMemoryError if the system has none
     */
    @Override
    public MemorySegment allocate(long bytes) {
        return allocate(bytes, ALIGNMENT);
    }

    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        if (bytes < LARGE || C_LIBRARY.isEmpty()) {
            return arena.allocate(Math.max(bytes, 1), Math.max(alignment, ALIGNMENT));
        }
        CLibrary library = C_LIBRARY.get();
        long whole = Math.addExact(bytes, 2 * HUGE_PAGE);
        MemorySegment start = library.zeroed(whole);
        if (start.address() == 0) {
            throw new OutOfMemoryError("the system has no " + bytes + " bytes of off-heap memory");
        }
        MemorySegment memory = start.reinterpret(whole, arena, library::release);
        long offset = -start.address() & (HUGE_PAGE - 1);
        long pages = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
        library.adviseHugePages(memory.asSlice(offset, pages));
        return memory.asSlice(offset, bytes);
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
