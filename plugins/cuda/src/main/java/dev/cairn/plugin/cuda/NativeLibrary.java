package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.DeviceException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Binds functions of one library by the names that it exports: those with their version, which C's
 * headers hide behind macros.
 */
record NativeLibrary(LibrarySearch.Found library) {

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    /**
     * A function that returns a status.
     *
     * @throws DeviceException if the library has none of this name
     */
    MethodHandle status(String name, MemoryLayout... parameters) {
        return bind(name, FunctionDescriptor.of(INT, parameters));
    }

    @SuppressWarnings("restricted") // every function is declared as the library's header does
    MethodHandle bind(String name, FunctionDescriptor descriptor) {
        MemorySegment address =
                library.symbols()
                        .find(name)
                        .orElseThrow(
                                () ->
                                        new DeviceException(
                                                "%s has no function %s: it is too old for this engine, or no library of NVIDIA's"
                                                        .formatted(library.place(), name)));
        return Linker.nativeLinker().downcallHandle(address, descriptor);
    }

    /** What a call of a bound function can throw is a fault of the binding. */
    static IllegalStateException misbound(Throwable thrown) {
        return new IllegalStateException("a native function is bound wrongly", thrown);
    }
}
