package dev.cairn.storage.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * One piece of memory, in huge pages where Linux grants them: blocks are copied end to end, and in
 * pages of 4 KiB each page costs a walk of its own. Address space is taken at once, memory as it is
 * first written.
 */
final class Slab {

    private static final long HUGE_PAGE = 2L << 20;
    private static final int READ_WRITE = 1 | 2;
    private static final int PRIVATE_ANONYMOUS = 2 | 0x20;
    private static final int NO_RESERVE = 0x4000;
    private static final int MADV_HUGEPAGE = 14;

    private Slab() {}

    /**
     * Zeroed bytes, aligned to 4096 at least, for as long as the arena lives.
     *
     * @throws OutOfMemoryError if there are not so many
     */
    static MemorySegment allocate(long bytes, Arena arena) {
        boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux");
        if (linux && bytes >= HUGE_PAGE) {
            try {
                return map(bytes, arena);
            } catch (RuntimeException | LinkageError _) {
                // A JVM without native access still has memory, in small pages.
            }
        }
        return arena.allocate(bytes, 4096);
    }

    /** Maps a huge page more than asked for, so that the slab begins at a boundary. */
    @SuppressWarnings("restricted") // mmap, munmap and madvise as POSIX and Linux declare them.
    private static MemorySegment map(long bytes, Arena arena) {
        ValueLayout.OfLong size = ValueLayout.JAVA_LONG;
        ValueLayout.OfInt flag = ValueLayout.JAVA_INT;
        MethodHandle mmap =
                call("mmap", FunctionDescriptor.of(size, size, size, flag, flag, flag, size));
        MethodHandle munmap = call("munmap", FunctionDescriptor.of(flag, size, size));
        MethodHandle madvise = call("madvise", FunctionDescriptor.of(flag, size, size, flag));
        long mapped = Math.addExact(bytes, HUGE_PAGE);
        try {
            long base =
                    (long)
                            mmap.invokeExact(
                                    0L, mapped, READ_WRITE, PRIVATE_ANONYMOUS | NO_RESERVE, -1, 0L);
            if (base == -1) {
                throw new OutOfMemoryError("no address space for %d bytes".formatted(mapped));
            }
            long start = (base + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
            int advised = (int) madvise.invokeExact(start, bytes, MADV_HUGEPAGE);
            if (advised != 0) {
                System.getLogger(Slab.class.getPackageName())
                        .log(System.Logger.Level.DEBUG, "no huge pages: small ones will do");
            }
            return MemorySegment.ofAddress(start)
                    .reinterpret(bytes, arena, _ -> unmap(munmap, base, mapped));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("mapping %d bytes failed".formatted(bytes), e);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle call(String function, FunctionDescriptor signature) {
        SymbolLookup libc = Linker.nativeLinker().defaultLookup();
        return Linker.nativeLinker().downcallHandle(libc.findOrThrow(function), signature);
    }

    private static void unmap(MethodHandle munmap, long base, long bytes) {
        try {
            int result = (int) munmap.invokeExact(base, bytes);
            if (result != 0) {
                throw new IllegalStateException("munmap answered " + result);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("unmapping %d bytes failed".formatted(bytes), e);
        }
    }
}
