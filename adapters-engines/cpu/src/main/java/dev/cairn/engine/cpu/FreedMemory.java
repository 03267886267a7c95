package dev.cairn.engine.cpu;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Gives memory that was freed back to the system: glibc keeps small pieces in its arenas, and the
 * collector keeps what loading has left on the heap. Threads: any.
 */
final class FreedMemory {

    private static final System.Logger LOG = System.getLogger(FreedMemory.class.getName());

    private FreedMemory() {}

    /** A hint: systems without such a call go without. */
    @SuppressWarnings("restricted") // malloc_trim as glibc declares it.
    static void giveBack() {
        System.gc();
        Linker linker = Linker.nativeLinker();
        linker.defaultLookup()
                .find("malloc_trim")
                .ifPresent(
                        trim -> {
                            MethodHandle call =
                                    linker.downcallHandle(
                                            trim,
                                            FunctionDescriptor.of(
                                                    ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
                            try {
                                int _ = (int) call.invokeExact(0L);
                            } catch (Throwable refused) {
                                LOG.log(System.Logger.Level.DEBUG, "malloc_trim failed", refused);
                            }
                        });
    }
}
