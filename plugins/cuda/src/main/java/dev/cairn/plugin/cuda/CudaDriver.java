package dev.cairn.plugin.cuda;

import static dev.cairn.plugin.cuda.NativeLibrary.BYTE;
import static dev.cairn.plugin.cuda.NativeLibrary.INT;
import static dev.cairn.plugin.cuda.NativeLibrary.LONG;
import static dev.cairn.plugin.cuda.NativeLibrary.POINTER;

import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceLostException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Set;

/**
 * The CUDA driver's API, version 12 and later, as far as the engine needs it. Handles and device
 * addresses are plain longs.
 *
 * <p>Threads: calls that need a context take that of the calling thread.
 */
final class CudaDriver {

    static final List<String> NAMES = List.of("libcuda.so.1");

    /** The oldest driver whose functions are bound here: that of CUDA 12.0. */
    static final int OLDEST = 12000;

    static final int MULTIPROCESSORS = 16;
    static final int MAJOR = 75;
    static final int MINOR = 76;
    static final int MOST_SHARED = 97;

    private static final int SUCCESS = 0;
    private static final int OUT_OF_MEMORY = 2;
    private static final int NOT_READY = 600;
    private static final int MOST_DYNAMIC_SHARED = 8;
    private static final int STREAM_NON_BLOCKING = 1;
    private static final int EVENT_WITHOUT_TIMING = 2;

    /** What other threads of the process do with the driver disturbs no recording. */
    private static final int CAPTURE_RELAXED = 2;

    private static final int REGISTER_PORTABLE = 1;

    /**
     * After these the context is of no use any more: see the driver's documentation of CUresult.
     */
    private static final Set<Integer> LOSSES =
            Set.of(46, 214, 700, 709, 710, 714, 715, 716, 717, 718, 719, 720, 999);

    private final MethodHandle init;
    private final MethodHandle driverGetVersion;
    private final MethodHandle deviceGetCount;
    private final MethodHandle deviceGet;
    private final MethodHandle deviceGetName;
    private final MethodHandle deviceGetAttribute;
    private final MethodHandle deviceTotalMem;
    private final MethodHandle contextRetain;
    private final MethodHandle contextRelease;
    private final MethodHandle contextSetCurrent;
    private final MethodHandle memGetInfo;
    private final MethodHandle memAlloc;
    private final MethodHandle memFree;
    private final MethodHandle memHostAlloc;
    private final MethodHandle memFreeHost;
    private final MethodHandle memHostRegister;
    private final MethodHandle memHostUnregister;
    private final MethodHandle copyIn;
    private final MethodHandle copyOut;
    private final MethodHandle copyWithin;
    private final MethodHandle fill;
    private final MethodHandle streamCreate;
    private final MethodHandle streamSynchronize;
    private final MethodHandle streamWaitEvent;
    private final MethodHandle streamDestroy;
    private final MethodHandle eventCreate;
    private final MethodHandle eventRecord;
    private final MethodHandle eventQuery;
    private final MethodHandle eventDestroy;
    private final MethodHandle moduleLoad;
    private final MethodHandle moduleGetFunction;
    private final MethodHandle moduleUnload;
    private final MethodHandle functionSetAttribute;
    private final MethodHandle launchKernel;
    private final MethodHandle captureBegin;
    private final MethodHandle captureEnd;
    private final MethodHandle graphInstantiate;
    private final MethodHandle graphLaunch;
    private final MethodHandle graphDestroy;
    private final MethodHandle executableDestroy;
    private final MethodHandle getErrorName;
    private final MethodHandle getErrorString;

    /**
     * @throws DeviceException if a function is missing; names it
     */
    CudaDriver(NativeLibrary library) {
        init = library.status("cuInit", INT);
        driverGetVersion = library.status("cuDriverGetVersion", POINTER);
        deviceGetCount = library.status("cuDeviceGetCount", POINTER);
        deviceGet = library.status("cuDeviceGet", POINTER, INT);
        deviceGetName = library.status("cuDeviceGetName", POINTER, INT, INT);
        deviceGetAttribute = library.status("cuDeviceGetAttribute", POINTER, INT, INT);
        deviceTotalMem = library.status("cuDeviceTotalMem_v2", POINTER, INT);
        contextRetain = library.status("cuDevicePrimaryCtxRetain", POINTER, INT);
        contextRelease = library.status("cuDevicePrimaryCtxRelease_v2", INT);
        contextSetCurrent = library.status("cuCtxSetCurrent", LONG);
        memGetInfo = library.status("cuMemGetInfo_v2", POINTER, POINTER);
        memAlloc = library.status("cuMemAlloc_v2", POINTER, LONG);
        memFree = library.status("cuMemFree_v2", LONG);
        memHostAlloc = library.status("cuMemHostAlloc", POINTER, LONG, INT);
        memFreeHost = library.status("cuMemFreeHost", POINTER);
        memHostRegister = library.status("cuMemHostRegister_v2", LONG, LONG, INT);
        memHostUnregister = library.status("cuMemHostUnregister", LONG);
        copyIn = library.status("cuMemcpyHtoDAsync_v2", LONG, LONG, LONG, LONG);
        copyOut = library.status("cuMemcpyDtoHAsync_v2", LONG, LONG, LONG, LONG);
        copyWithin = library.status("cuMemcpyDtoDAsync_v2", LONG, LONG, LONG, LONG);
        fill = library.status("cuMemsetD8Async", LONG, BYTE, LONG, LONG);
        streamCreate = library.status("cuStreamCreateWithPriority", POINTER, INT, INT);
        streamSynchronize = library.status("cuStreamSynchronize", LONG);
        streamWaitEvent = library.status("cuStreamWaitEvent", LONG, LONG, INT);
        streamDestroy = library.status("cuStreamDestroy_v2", LONG);
        eventCreate = library.status("cuEventCreate", POINTER, INT);
        eventRecord = library.status("cuEventRecord", LONG, LONG);
        eventQuery = library.status("cuEventQuery", LONG);
        eventDestroy = library.status("cuEventDestroy_v2", LONG);
        moduleLoad = library.status("cuModuleLoadDataEx", POINTER, POINTER, INT, POINTER, POINTER);
        moduleGetFunction = library.status("cuModuleGetFunction", POINTER, LONG, POINTER);
        moduleUnload = library.status("cuModuleUnload", LONG);
        functionSetAttribute = library.status("cuFuncSetAttribute", LONG, INT, INT);
        launchKernel =
                library.status(
                        "cuLaunchKernel",
                        LONG,
                        INT,
                        INT,
                        INT,
                        INT,
                        INT,
                        INT,
                        INT,
                        LONG,
                        POINTER,
                        POINTER);
        captureBegin = library.status("cuStreamBeginCapture_v2", LONG, INT);
        captureEnd = library.status("cuStreamEndCapture", LONG, POINTER);
        graphInstantiate = library.status("cuGraphInstantiateWithFlags", POINTER, LONG, LONG);
        graphLaunch = library.status("cuGraphLaunch", LONG, LONG);
        graphDestroy = library.status("cuGraphDestroy", LONG);
        executableDestroy = library.status("cuGraphExecDestroy", LONG);
        getErrorName = library.status("cuGetErrorName", INT, POINTER);
        getErrorString = library.status("cuGetErrorString", INT, POINTER);
    }

    /** A native call. */
    private interface Call {
        int invoke() throws Throwable;
    }

    /** What a call writes through a pointer. */
    private interface AnswerCall {
        int invoke(MemorySegment answer) throws Throwable;
    }

    private int code(Call call) {
        try {
            return call.invoke();
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
    }

    private void run(String name, Call call) {
        check(name, code(call));
    }

    private long answer(String name, AnswerCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ValueLayout.JAVA_LONG);
            run(name, () -> call.invoke(answer));
            return answer.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    private int intAnswer(String name, AnswerCall call) {
        return (int) answer(name, call);
    }

    /**
     * @throws DeviceException if the status is an error; names the call and the error
     */
    private void check(String call, int status) {
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

    void init() {
        run("cuInit", () -> (int) init.invokeExact(0));
    }

    /** The version of CUDA that the driver serves: 1000 * major + 10 * minor. */
    int version() {
        return intAnswer("cuDriverGetVersion", a -> (int) driverGetVersion.invokeExact(a));
    }

    int deviceCount() {
        return intAnswer("cuDeviceGetCount", a -> (int) deviceGetCount.invokeExact(a));
    }

    int device(int ordinal) {
        return intAnswer("cuDeviceGet", a -> (int) deviceGet.invokeExact(a, ordinal));
    }

    String deviceName(int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(256);
            run("cuDeviceGetName", () -> (int) deviceGetName.invokeExact(name, 256, device));
            return name.getString(0);
        }
    }

    int attribute(int device, int attribute) {
        return intAnswer(
                "cuDeviceGetAttribute",
                a -> (int) deviceGetAttribute.invokeExact(a, attribute, device));
    }

    long totalBytes(int device) {
        return answer("cuDeviceTotalMem_v2", a -> (int) deviceTotalMem.invokeExact(a, device));
    }

    long retainContext(int device) {
        return answer("cuDevicePrimaryCtxRetain", a -> (int) contextRetain.invokeExact(a, device));
    }

    void releaseContext(int device) {
        run("cuDevicePrimaryCtxRelease_v2", () -> (int) contextRelease.invokeExact(device));
    }

    void setCurrent(long context) {
        run("cuCtxSetCurrent", () -> (int) contextSetCurrent.invokeExact(context));
    }

    long freeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            run("cuMemGetInfo_v2", () -> (int) memGetInfo.invokeExact(free, total));
            return free.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    long allocate(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ValueLayout.JAVA_LONG);
            int status = code(() -> (int) memAlloc.invokeExact(address, bytes));
            if (status == OUT_OF_MEMORY) {
                throw new DeviceException(
                        "the device has no %d bytes of memory left in one piece, %d are free"
                                .formatted(bytes, freeBytes()));
            }
            check("cuMemAlloc_v2", status);
            return address.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    void free(long address) {
        run("cuMemFree_v2", () -> (int) memFree.invokeExact(address));
    }

    @SuppressWarnings("restricted") // the driver gave so many bytes
    MemorySegment allocatePinned(long bytes) {
        long address = answer("cuMemHostAlloc", a -> (int) memHostAlloc.invokeExact(a, bytes, 0));
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    void freePinned(MemorySegment memory) {
        run("cuMemFreeHost", () -> (int) memFreeHost.invokeExact(memory));
    }

    /** Pins memory of others; each range once in a process. */
    void register(long address, long bytes) {
        run(
                "cuMemHostRegister_v2",
                () -> (int) memHostRegister.invokeExact(address, bytes, REGISTER_PORTABLE));
    }

    void unregister(long address) {
        run("cuMemHostUnregister", () -> (int) memHostUnregister.invokeExact(address));
    }

    void copyIn(long target, long source, long bytes, long stream) {
        copy(copyIn, "cuMemcpyHtoDAsync_v2", target, source, bytes, stream);
    }

    void copyOut(long target, long source, long bytes, long stream) {
        copy(copyOut, "cuMemcpyDtoHAsync_v2", target, source, bytes, stream);
    }

    void copyWithin(long target, long source, long bytes, long stream) {
        copy(copyWithin, "cuMemcpyDtoDAsync_v2", target, source, bytes, stream);
    }

    private void copy(
            MethodHandle handle, String name, long target, long source, long bytes, long stream) {
        int status;
        try {
            status = (int) handle.invokeExact(target, source, bytes, stream);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        check(name, status);
    }

    void fill(long target, byte value, long bytes, long stream) {
        run("cuMemsetD8Async", () -> (int) fill.invokeExact(target, value, bytes, stream));
    }

    /**
     * @param priority lower is more urgent, 0 is the least
     */
    long stream(int priority) {
        return answer(
                "cuStreamCreateWithPriority",
                a -> (int) streamCreate.invokeExact(a, STREAM_NON_BLOCKING, priority));
    }

    void synchronize(long stream) {
        run("cuStreamSynchronize", () -> (int) streamSynchronize.invokeExact(stream));
    }

    void awaitEvent(long stream, long event) {
        int status;
        try {
            status = (int) streamWaitEvent.invokeExact(stream, event, 0);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        check("cuStreamWaitEvent", status);
    }

    void destroyStream(long stream) {
        run("cuStreamDestroy_v2", () -> (int) streamDestroy.invokeExact(stream));
    }

    long event() {
        return answer("cuEventCreate", a -> (int) eventCreate.invokeExact(a, EVENT_WITHOUT_TIMING));
    }

    void record(long event, long stream) {
        pair(eventRecord, "cuEventRecord", event, stream);
    }

    private void pair(MethodHandle handle, String name, long first, long second) {
        int status;
        try {
            status = (int) handle.invokeExact(first, second);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        check(name, status);
    }

    boolean isPassed(long event) {
        int status;
        try {
            status = (int) eventQuery.invokeExact(event);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        if (status == NOT_READY) {
            return false;
        }
        check("cuEventQuery", status);
        return true;
    }

    void destroyEvent(long event) {
        run("cuEventDestroy_v2", () -> (int) eventDestroy.invokeExact(event));
    }

    long loadModule(byte[] binary) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = arena.allocateFrom(ValueLayout.JAVA_BYTE, binary);
            return answer(
                    "cuModuleLoadDataEx",
                    a ->
                            (int)
                                    moduleLoad.invokeExact(
                                            a, image, 0, MemorySegment.NULL, MemorySegment.NULL));
        }
    }

    void unloadModule(long module) {
        run("cuModuleUnload", () -> (int) moduleUnload.invokeExact(module));
    }

    long function(long module, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return answer(
                    "cuModuleGetFunction of " + name,
                    a -> (int) moduleGetFunction.invokeExact(a, module, text));
        }
    }

    /** Lets a kernel have more dynamic shared memory than the 48 KiB that every one may have. */
    void allowShared(long function, int bytes) {
        run(
                "cuFuncSetAttribute",
                () -> (int) functionSetAttribute.invokeExact(function, MOST_DYNAMIC_SHARED, bytes));
    }

    /** Notes what the stream is given from now on, instead of doing it. */
    void beginCapture(long stream) {
        run(
                "cuStreamBeginCapture_v2",
                () -> (int) captureBegin.invokeExact(stream, CAPTURE_RELAXED));
    }

    /** Ends the recording and makes it fit for launches. */
    long endCapture(long stream) {
        long graph = answer("cuStreamEndCapture", a -> (int) captureEnd.invokeExact(stream, a));
        try {
            return answer(
                    "cuGraphInstantiateWithFlags",
                    a -> (int) graphInstantiate.invokeExact(a, graph, 0L));
        } finally {
            run("cuGraphDestroy", () -> (int) graphDestroy.invokeExact(graph));
        }
    }

    /** Ends a recording that has failed, whatever it holds. */
    void abandonCapture(long stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(ValueLayout.JAVA_LONG);
            int status = code(() -> (int) captureEnd.invokeExact(stream, place));
            long graph = place.get(ValueLayout.JAVA_LONG, 0);
            if (status == SUCCESS && graph != 0) {
                code(() -> (int) graphDestroy.invokeExact(graph));
            }
        }
    }

    void launchGraph(long executable, long stream) {
        pair(graphLaunch, "cuGraphLaunch", executable, stream);
    }

    void destroyGraph(long executable) {
        run("cuGraphExecDestroy", () -> (int) executableDestroy.invokeExact(executable));
    }

    void launch(
            String name,
            long function,
            int gridX,
            int gridY,
            int gridZ,
            int threads,
            int shared,
            long stream,
            MemorySegment parameters) {
        int status;
        try {
            status =
                    (int)
                            launchKernel.invokeExact(
                                    function,
                                    gridX,
                                    gridY,
                                    gridZ,
                                    threads,
                                    1,
                                    1,
                                    shared,
                                    stream,
                                    parameters,
                                    MemorySegment.NULL);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        if (status != SUCCESS) {
            check("cuLaunchKernel of " + name, status);
        }
    }
}
