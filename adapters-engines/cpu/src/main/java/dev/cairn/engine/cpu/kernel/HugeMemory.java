package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Zeroed off-heap memory in huge pages where Linux grants them: weights and KV pools are read end
 * to end, and in small pages every 4 KiB of them cost a walk of the page tables. Pages are made
 * when they are first touched.
 *
 * <p>Elsewhere, or when the system refuses, the memory is the arena's own. Threads: any.
 */
public final class HugeMemory {

    private static final long HUGE_PAGE = 2L << 20;

    private HugeMemory() {}

    /**
     * Allocates for as long as an arena lives.
     *
     * @param bytes wanted, at least 1
     * @param arena that frees it
     * @return exactly {@code bytes} zeroed bytes, 64-byte aligned at least
     */
    public static MemorySegment allocate(long bytes, Arena arena) {
        if (bytes < HUGE_PAGE || Libc.CALLS.isEmpty()) {
            return arena.allocate(bytes, 64);
        }
        return Libc.CALLS.get().map(bytes, arena).orElseGet(() -> arena.allocate(bytes, 64));
    }

    /** Looked up once, at the first large allocation. */
    private static final class Libc {
        static final Optional<Calls> CALLS = Calls.bind();
    }

    private record Calls(MethodHandle mmap, MethodHandle munmap, MethodHandle madvise) {

        private static final int READ_WRITE = 1 | 2;
        private static final int PRIVATE_ANONYMOUS = 2 | 0x20;
        private static final int NO_RESERVE = 0x4000;
        private static final int MADV_HUGEPAGE = 14;

        @SuppressWarnings("restricted") // mmap, munmap and madvise as POSIX and Linux declare them.
        static Optional<Calls> bind() {
            if (!NativeLibrary.platform().startsWith("linux")) {
                return Optional.empty();
            }
            try {
                Linker linker = Linker.nativeLinker();
                SymbolLookup libc = linker.defaultLookup();
                return Optional.of(
                        new Calls(
                                linker.downcallHandle(
                                        libc.findOrThrow("mmap"),
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_LONG,
                                                ValueLayout.JAVA_LONG,
                                                ValueLayout.JAVA_LONG,
                                                ValueLayout.JAVA_INT,
                                                ValueLayout.JAVA_INT,
                                                ValueLayout.JAVA_INT,
                                                ValueLayout.JAVA_LONG)),
                                linker.downcallHandle(
                                        libc.findOrThrow("munmap"),
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_INT,
                                                ValueLayout.JAVA_LONG,
                                                ValueLayout.JAVA_LONG)),
                                linker.downcallHandle(
                                        libc.findOrThrow("madvise"),
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_INT,
                                                ValueLayout.JAVA_LONG,
                                                ValueLayout.JAVA_LONG,
                                                ValueLayout.JAVA_INT))));
            } catch (RuntimeException | LinkageError e) {
                return Optional.empty();
            }
        }

        /**
         * Maps a huge page more than asked for, so that the memory can begin at a boundary of huge
         * pages.
         */
        @SuppressWarnings("restricted")
        Optional<MemorySegment> map(long bytes, Arena arena) {
            long mapped = Math.addExact(bytes, HUGE_PAGE);
            try {
                long base =
                        (long)
                                mmap.invokeExact(
                                        0L,
                                        mapped,
                                        READ_WRITE,
                                        PRIVATE_ANONYMOUS | NO_RESERVE,
                                        -1,
                                        0L);
                if (base == -1) {
                    return Optional.empty();
                }
                long start = ActivationFormat.roundUp(base, HUGE_PAGE);
                int advised = (int) madvise.invokeExact(start, bytes, MADV_HUGEPAGE);
                MemorySegment memory =
                        MemorySegment.ofAddress(start)
                                .reinterpret(bytes, arena, ignored -> unmap(base, mapped));
                // A refused advice only costs speed.
                return advised <= 0 ? Optional.of(memory) : Optional.empty();
            } catch (Throwable e) {
                throw new IllegalStateException("mapping " + bytes + " bytes failed", e);
            }
        }

        private void unmap(long base, long mapped) {
            try {
                int result = (int) munmap.invokeExact(base, mapped);
                if (result != 0) {
                    throw new IllegalStateException(
                            "munmap of " + mapped + " bytes answered " + result);
                }
            } catch (Throwable e) {
                throw new IllegalStateException("unmapping " + mapped + " bytes failed", e);
            }
        }
    }
}
