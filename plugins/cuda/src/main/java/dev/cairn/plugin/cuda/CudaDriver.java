package dev.cairn.plugin.cuda;

import static dev.cairn.plugin.cuda.NativeLibrary.BYTE;
import static dev.cairn.plugin.cuda.NativeLibrary.INT;
import static dev.cairn.plugin.cuda.NativeLibrary.LONG;
import static dev.cairn.plugin.cuda.NativeLibrary.POINTER;

import dev.cairn.plugin.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

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

    private static final int OUT_OF_MEMORY = 2;
    private static final int NOT_READY = 600;
    private static final int MOST_DYNAMIC_SHARED = 8;
    private static final int STREAM_NON_BLOCKING = 1;
    private static final int EVENT_WITHOUT_TIMING = 2;

    /** What other threads of the process do with the driver disturbs no recording. */
    private static final int CAPTURE_RELAXED = 2;

    private static final int REGISTER_PORTABLE = 1;

    /** A binary is an ELF file, whose tables hold numbers of 8 bytes. */
    private static final long IMAGE_ALIGNMENT = 16;

    private final CudaStatus status;
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
        status = new CudaStatus(library);
    }

    void init() {
        status.run("cuInit", () -> (int) init.invokeExact(0));
    }

    /** The version of CUDA that the driver serves: 1000 * major + 10 * minor. */
    int version() {
        return status.intAnswer("cuDriverGetVersion", a -> (int) driverGetVersion.invokeExact(a));
    }

    int deviceCount() {
        return status.intAnswer("cuDeviceGetCount", a -> (int) deviceGetCount.invokeExact(a));
    }

    int device(int ordinal) {
        return status.intAnswer("cuDeviceGet", a -> (int) deviceGet.invokeExact(a, ordinal));
    }

    String deviceName(int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(256);
            status.run("cuDeviceGetName", () -> (int) deviceGetName.invokeExact(name, 256, device));
            return name.getString(0);
        }
    }

    int attribute(int device, int attribute) {
        return status.intAnswer(
                "cuDeviceGetAttribute",
                a -> (int) deviceGetAttribute.invokeExact(a, attribute, device));
    }

    long totalBytes(int device) {
        return status.answer(
                "cuDeviceTotalMem_v2", a -> (int) deviceTotalMem.invokeExact(a, device));
    }

    long retainContext(int device) {
        return status.answer(
                "cuDevicePrimaryCtxRetain", a -> (int) contextRetain.invokeExact(a, device));
    }

    void releaseContext(int device) {
        status.run("cuDevicePrimaryCtxRelease_v2", () -> (int) contextRelease.invokeExact(device));
    }

    void setCurrent(long context) {
        status.run("cuCtxSetCurrent", () -> (int) contextSetCurrent.invokeExact(context));
    }

    long freeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            status.run("cuMemGetInfo_v2", () -> (int) memGetInfo.invokeExact(free, total));
            return free.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    long allocate(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ValueLayout.JAVA_LONG);
            int code = CudaStatus.code(() -> (int) memAlloc.invokeExact(address, bytes));
            if (code == OUT_OF_MEMORY) {
                throw new DeviceException(
                        "the device has no %d bytes of memory left in one piece, %d are free"
                                .formatted(bytes, freeBytes()));
            }
            status.check("cuMemAlloc_v2", code);
            return address.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    void free(long address) {
        status.run("cuMemFree_v2", () -> (int) memFree.invokeExact(address));
    }

    @SuppressWarnings("restricted") // the driver gave so many bytes
    MemorySegment allocatePinned(long bytes) {
        long address =
                status.answer("cuMemHostAlloc", a -> (int) memHostAlloc.invokeExact(a, bytes, 0));
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    void freePinned(MemorySegment memory) {
        status.run("cuMemFreeHost", () -> (int) memFreeHost.invokeExact(memory));
    }

    /** Pins memory of others; each range once in a process. */
    void register(long address, long bytes) {
        status.run(
                "cuMemHostRegister_v2",
                () -> (int) memHostRegister.invokeExact(address, bytes, REGISTER_PORTABLE));
    }

    void unregister(long address) {
        status.run("cuMemHostUnregister", () -> (int) memHostUnregister.invokeExact(address));
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
        int code;
        try {
            code = (int) handle.invokeExact(target, source, bytes, stream);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        status.check(name, code);
    }

    void fill(long target, byte value, long bytes, long stream) {
        status.run("cuMemsetD8Async", () -> (int) fill.invokeExact(target, value, bytes, stream));
    }

    /**
     * @param priority lower is more urgent, 0 is the least
     */
    long stream(int priority) {
        return status.answer(
                "cuStreamCreateWithPriority",
                a -> (int) streamCreate.invokeExact(a, STREAM_NON_BLOCKING, priority));
    }

    void synchronize(long stream) {
        status.run("cuStreamSynchronize", () -> (int) streamSynchronize.invokeExact(stream));
    }

    void awaitEvent(long stream, long event) {
        int code;
        try {
            code = (int) streamWaitEvent.invokeExact(stream, event, 0);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        status.check("cuStreamWaitEvent", code);
    }

    void destroyStream(long stream) {
        status.run("cuStreamDestroy_v2", () -> (int) streamDestroy.invokeExact(stream));
    }

    long event() {
        return status.answer(
                "cuEventCreate", a -> (int) eventCreate.invokeExact(a, EVENT_WITHOUT_TIMING));
    }

    void record(long event, long stream) {
        pair(eventRecord, "cuEventRecord", event, stream);
    }

    private void pair(MethodHandle handle, String name, long first, long second) {
        int code;
        try {
            code = (int) handle.invokeExact(first, second);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        status.check(name, code);
    }

    boolean isPassed(long event) {
        int code;
        try {
            code = (int) eventQuery.invokeExact(event);
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
        if (code == NOT_READY) {
            return false;
        }
        status.check("cuEventQuery", code);
        return true;
    }

    void destroyEvent(long event) {
        status.run("cuEventDestroy_v2", () -> (int) eventDestroy.invokeExact(event));
    }

    long loadModule(byte[] binary) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = arena.allocate(binary.length, IMAGE_ALIGNMENT);
            MemorySegment.copy(binary, 0, image, ValueLayout.JAVA_BYTE, 0, binary.length);
            return status.answer(
                    "cuModuleLoadDataEx",
                    a ->
                            (int)
                                    moduleLoad.invokeExact(
                                            a, image, 0, MemorySegment.NULL, MemorySegment.NULL));
        }
    }

    void unloadModule(long module) {
        status.run("cuModuleUnload", () -> (int) moduleUnload.invokeExact(module));
    }

    long function(long module, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return status.answer(
                    "cuModuleGetFunction of " + name,
                    a -> (int) moduleGetFunction.invokeExact(a, module, text));
        }
    }

    /** Lets a kernel have more dynamic shared memory than the 48 KiB that every one may have. */
    void allowShared(long function, int bytes) {
        status.run(
                "cuFuncSetAttribute",
                () -> (int) functionSetAttribute.invokeExact(function, MOST_DYNAMIC_SHARED, bytes));
    }

    /** Notes what the stream is given from now on, instead of doing it. */
    void beginCapture(long stream) {
        status.run(
                "cuStreamBeginCapture_v2",
                () -> (int) captureBegin.invokeExact(stream, CAPTURE_RELAXED));
    }

    /** Ends the recording and makes it fit for launches. */
    long endCapture(long stream) {
        long graph =
                status.answer("cuStreamEndCapture", a -> (int) captureEnd.invokeExact(stream, a));
        try {
            return status.answer(
                    "cuGraphInstantiateWithFlags",
                    a -> (int) graphInstantiate.invokeExact(a, graph, 0L));
        } finally {
            status.run("cuGraphDestroy", () -> (int) graphDestroy.invokeExact(graph));
        }
    }

    /** Ends a recording that has failed, whatever it holds. */
    void abandonCapture(long stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(ValueLayout.JAVA_LONG);
            int code = CudaStatus.code(() -> (int) captureEnd.invokeExact(stream, place));
            long graph = place.get(ValueLayout.JAVA_LONG, 0);
            if (code == CudaStatus.SUCCESS && graph != 0) {
                CudaStatus.code(() -> (int) graphDestroy.invokeExact(graph));
            }
        }
    }

    void launchGraph(long executable, long stream) {
        pair(graphLaunch, "cuGraphLaunch", executable, stream);
    }

    void destroyGraph(long executable) {
        status.run("cuGraphExecDestroy", () -> (int) executableDestroy.invokeExact(executable));
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
        int code;
        try {
            code =
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
        if (code != CudaStatus.SUCCESS) {
            status.check("cuLaunchKernel of " + name, code);
        }
    }
}
