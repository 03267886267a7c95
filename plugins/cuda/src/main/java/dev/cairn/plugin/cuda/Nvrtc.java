package dev.cairn.plugin.cuda;

import static dev.cairn.plugin.cuda.NativeLibrary.INT;
import static dev.cairn.plugin.cuda.NativeLibrary.POINTER;

import dev.cairn.plugin.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** NVIDIA's compiler at run time: kernels from text to a device's binary. Threads: any. */
final class Nvrtc {

    static final List<String> NAMES = List.of("libnvrtc.so.13", "libnvrtc.so.12");

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int COMPILATION_FAILED = 6;

    private final MethodHandle version;
    private final MethodHandle archCount;
    private final MethodHandle archs;
    private final MethodHandle create;
    private final MethodHandle compile;
    private final MethodHandle binarySize;
    private final MethodHandle binary;
    private final MethodHandle logSize;
    private final MethodHandle log;
    private final MethodHandle destroy;
    private final MethodHandle errorString;

    /**
     * @throws DeviceException if a function is missing; names it
     */
    Nvrtc(NativeLibrary library) {
        version = library.status("nvrtcVersion", POINTER, POINTER);
        archCount = library.status("nvrtcGetNumSupportedArchs", POINTER);
        archs = library.status("nvrtcGetSupportedArchs", POINTER);
        create =
                library.status(
                        "nvrtcCreateProgram", POINTER, POINTER, POINTER, INT, POINTER, POINTER);
        compile = library.status("nvrtcCompileProgram", POINTER, INT, POINTER);
        binarySize = library.status("nvrtcGetCUBINSize", POINTER, POINTER);
        binary = library.status("nvrtcGetCUBIN", POINTER, POINTER);
        logSize = library.status("nvrtcGetProgramLogSize", POINTER, POINTER);
        log = library.status("nvrtcGetProgramLog", POINTER, POINTER);
        destroy = library.status("nvrtcDestroyProgram", POINTER);
        errorString =
                library.bind(
                        "nvrtcGetErrorString", FunctionDescriptor.of(ValueLayout.ADDRESS, INT));
    }

    private interface Call {
        int invoke() throws Throwable;
    }

    private int code(Call call) {
        try {
            return call.invoke();
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
    }

    private void run(String name, Call call) {
        int status = code(call);
        if (status != 0) {
            throw new DeviceException("%s failed: %s".formatted(name, describe(status)));
        }
    }

    @SuppressWarnings("restricted") // the library's texts end with a zero
    private String describe(int status) {
        try {
            return ((MemorySegment) errorString.invokeExact(status)).reinterpret(256).getString(0);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
    }

    /** For example {@code "13.0"}. */
    String version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment major = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment minor = arena.allocate(ValueLayout.JAVA_INT);
            run("nvrtcVersion", () -> (int) version.invokeExact(major, minor));
            return major.get(ValueLayout.JAVA_INT, 0) + "." + minor.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** Architectures that it compiles for: 90 stands for {@code sm_90}. */
    List<Integer> architectures() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            run("nvrtcGetNumSupportedArchs", () -> (int) archCount.invokeExact(count));
            int number = count.get(ValueLayout.JAVA_INT, 0);
            MemorySegment all = arena.allocate(ValueLayout.JAVA_INT, number);
            run("nvrtcGetSupportedArchs", () -> (int) archs.invokeExact(all));
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                found.add(all.getAtIndex(ValueLayout.JAVA_INT, i));
            }
            return found;
        }
    }

    /**
     * Compiles one source.
     *
     * @param name for messages
     * @throws DeviceException with the compiler's messages
     */
    byte[] compile(String name, String source, List<String> options) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(ValueLayout.ADDRESS);
            MemorySegment text = arena.allocateFrom(source);
            MemorySegment title = arena.allocateFrom(name);
            run(
                    "nvrtcCreateProgram",
                    () ->
                            (int)
                                    create.invokeExact(
                                            place,
                                            text,
                                            title,
                                            0,
                                            MemorySegment.NULL,
                                            MemorySegment.NULL));
            try {
                return compiled(arena, name, place.get(ValueLayout.ADDRESS, 0), options);
            } finally {
                run("nvrtcDestroyProgram", () -> (int) destroy.invokeExact(place));
            }
        }
    }

    private byte[] compiled(Arena arena, String name, MemorySegment program, List<String> options) {
        MemorySegment list = arena.allocate(ValueLayout.ADDRESS, options.size());
        for (int i = 0; i < options.size(); i++) {
            list.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(options.get(i)));
        }
        int status = code(() -> (int) compile.invokeExact(program, options.size(), list));
        if (status == COMPILATION_FAILED) {
            throw new DeviceException(
                    "%s cannot be compiled: %s".formatted(name, log(arena, program)));
        }
        run("nvrtcCompileProgram of " + name, () -> status);
        MemorySegment size = arena.allocate(LONG);
        run("nvrtcGetCUBINSize", () -> (int) binarySize.invokeExact(program, size));
        MemorySegment bytes = arena.allocate(size.get(LONG, 0));
        run("nvrtcGetCUBIN", () -> (int) binary.invokeExact(program, bytes));
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    private String log(Arena arena, MemorySegment program) {
        MemorySegment size = arena.allocate(LONG);
        run("nvrtcGetProgramLogSize", () -> (int) logSize.invokeExact(program, size));
        MemorySegment text = arena.allocate(Math.max(1, size.get(LONG, 0)));
        run("nvrtcGetProgramLog", () -> (int) log.invokeExact(program, text));
        return text.getString(0).strip();
    }
}
