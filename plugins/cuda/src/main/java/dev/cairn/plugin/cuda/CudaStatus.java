package dev.cairn.plugin.cuda;

import static dev.cairn.plugin.cuda.NativeLibrary.INT;
import static dev.cairn.plugin.cuda.NativeLibrary.POINTER;

import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceLostException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Set;

/** Makes calls of the driver, and makes errors of what they return. Threads: any. */
final class CudaStatus {

    static final int SUCCESS = 0;

    /**
     * After these the context is of no use any more: see the driver's documentation of CUresult.
     * Device unavailable, ECC, NVLink, contained; illegal address, launch timeout, context
     * destroyed, assert, hardware stack, illegal instruction, misaligned address, address space,
     * program counter, launch failed, cooperative launch, tensor memory leak; unknown.
     */
    private static final Set<Integer> LOSSES =
            Set.of(
                    46, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 720, 721,
                    999);

    private final MethodHandle getErrorName;
    private final MethodHandle getErrorString;

    /**
     * @throws DeviceException if a function is missing; names it
     */
    CudaStatus(NativeLibrary library) {
        getErrorName = library.status("cuGetErrorName", INT, POINTER);
        getErrorString = library.status("cuGetErrorString", INT, POINTER);
    }

    /** A native call. */
    interface Call {
        int invoke() throws Throwable;
    }

    /** What a call writes through a pointer. */
    interface AnswerCall {
        int invoke(MemorySegment answer) throws Throwable;
    }

    static int code(Call call) {
        try {
            return call.invoke();
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
    }

    void run(String name, Call call) {
        check(name, code(call));
    }

    long answer(String name, AnswerCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ValueLayout.JAVA_LONG);
            run(name, () -> call.invoke(answer));
            return answer.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    int intAnswer(String name, AnswerCall call) {
        return (int) answer(name, call);
    }

    /**
     * @throws DeviceException if the status is an error; names the call and the error
     */
    void check(String call, int status) {
        if (status == SUCCESS) {
            return;
        }
        String message = "%s failed: %s".formatted(call, describe(status));
        if (LOSSES.contains(status)) {
            throw new DeviceLostException(
                    "the CUDA device was lost, restart this process: " + message);
        }
        throw new DeviceException(message);
    }

    private String describe(int status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(ValueLayout.ADDRESS);
            boolean named = code(() -> (int) getErrorName.invokeExact(status, place)) == SUCCESS;
            String name = named ? text(place) : "error " + status;
            boolean told = code(() -> (int) getErrorString.invokeExact(status, place)) == SUCCESS;
            return told ? name + " (" + text(place) + ")" : name;
        }
    }

    @SuppressWarnings("restricted") // the driver's texts end with a zero
    private static String text(MemorySegment place) {
        return place.get(ValueLayout.ADDRESS, 0).reinterpret(256).getString(0);
    }
}
