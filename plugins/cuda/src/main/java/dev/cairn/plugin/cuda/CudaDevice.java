package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceEvent;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceGraph;
import dev.cairn.plugin.device.DeviceProperties;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.plugin.device.OperationShapes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One CUDA device, by its primary context. Threads: the one that opened it. */
final class CudaDevice implements Device {

    private static final System.Logger LOG = System.getLogger(CudaDevice.class.getName());

    /** More urgent than a stream's usual 0; a device that knows fewer levels takes its nearest. */
    private static final int URGENT = -5;

    private final CudaLibraries libraries;
    private final CudaDriver driver;
    private final CudaSettings settings;
    private final int device;
    private final DeviceProperties properties;
    private final List<Long> memories = new ArrayList<>();
    private final List<MemorySegment> pinned = new ArrayList<>();
    private final List<MemorySegment> registered = new ArrayList<>();
    private final List<Long> streams = new ArrayList<>();
    private final List<Long> events = new ArrayList<>();
    private final List<Long> graphs = new ArrayList<>();
    private final List<CudaOperations> operations = new ArrayList<>();

    private CudaDevice(CudaLibraries libraries, CudaSettings settings, int device) {
        this.libraries = libraries;
        this.settings = settings;
        this.device = device;
        driver = libraries.driver();
        properties = libraries.properties(device);
    }

    /** Opens the configured device on this thread. */
    static CudaDevice open(CudaLibraries libraries, CudaSettings settings) {
        int device = libraries.driver().device(settings.device());
        CudaDevice opened = new CudaDevice(libraries, settings, device);
        opened.driver.setCurrent(opened.driver.retainContext(device));
        return opened;
    }

    @Override
    public DeviceProperties properties() {
        return properties;
    }

    @Override
    public long freeBytes() {
        return driver.freeBytes();
    }

    @Override
    public long allocate(long bytes) {
        long address = driver.allocate(bytes);
        memories.add(address);
        return address;
    }

    /** Gives memory back before {@link #close}; nothing on a stream uses it any more. */
    void release(long address) {
        driver.free(address);
        memories.remove(address);
    }

    @Override
    public void free(long address) {
        memories.remove(Long.valueOf(address));
        driver.free(address);
    }

    @Override
    public MemorySegment allocatePinned(long bytes) {
        MemorySegment memory = driver.allocatePinned(bytes);
        pinned.add(memory);
        return memory;
    }

    @Override
    public boolean pin(MemorySegment memory) {
        if (settings.pins()) {
            libraries.registrations().add(driver, memory);
            registered.add(memory);
        }
        return settings.pins();
    }

    @Override
    public DeviceStream stream(boolean urgent) {
        long stream = driver.stream(urgent ? URGENT : 0);
        streams.add(stream);
        return new DeviceStream(stream);
    }

    @Override
    public DeviceEvent event() {
        long event = driver.event();
        events.add(event);
        return new DeviceEvent(event);
    }

    @Override
    public void record(DeviceEvent event, DeviceStream stream) {
        driver.record(event.handle(), stream.handle());
    }

    @Override
    public void await(DeviceStream stream, DeviceEvent event) {
        driver.awaitEvent(stream.handle(), event.handle());
    }

    @Override
    public boolean isPassed(DeviceEvent event) {
        return driver.isPassed(event.handle());
    }

    @Override
    public void synchronize(DeviceStream stream) {
        driver.synchronize(stream.handle());
    }

    @Override
    public void copyIn(
            long target, MemorySegment source, long sourceOffset, long bytes, DeviceStream stream) {
        driver.copyIn(target, place(source, sourceOffset, bytes), bytes, stream.handle());
    }

    @Override
    public void copyOut(
            MemorySegment target, long targetOffset, long source, long bytes, DeviceStream stream) {
        driver.copyOut(place(target, targetOffset, bytes), source, bytes, stream.handle());
    }

    private static long place(MemorySegment memory, long offset, long bytes) {
        if (offset < 0 || bytes < 0 || offset + bytes > memory.byteSize()) {
            throw new IndexOutOfBoundsException(
                    "%d bytes at %d of %d".formatted(bytes, offset, memory.byteSize()));
        }
        return memory.address() + offset;
    }

    @Override
    public void copy(long target, long source, long bytes, DeviceStream stream) {
        driver.copyWithin(target, source, bytes, stream.handle());
    }

    @Override
    public boolean takesGraphs() {
        return settings.graphs();
    }

    @Override
    public DeviceGraph capture(DeviceStream stream, Runnable work) {
        driver.beginCapture(stream.handle());
        boolean whole = false;
        try {
            work.run();
            whole = true;
        } finally {
            if (!whole) {
                driver.abandonCapture(stream.handle());
            }
        }
        long graph = driver.endCapture(stream.handle());
        graphs.add(graph);
        return new DeviceGraph(graph);
    }

    @Override
    public void replay(DeviceGraph graph, DeviceStream stream) {
        driver.launchGraph(graph.handle(), stream.handle());
    }

    @Override
    public CudaOperations operations(DeviceStream stream, OperationShapes shapes) {
        CudaOperations made =
                CudaOperations.make(this, libraries, settings, stream.handle(), shapes);
        operations.add(made);
        return made;
    }

    /** Streams first: what they still do uses everything else. */
    @Override
    public void close() {
        streams.forEach(stream -> giveBack(() -> driver.synchronize(stream)));
        graphs.forEach(graph -> giveBack(() -> driver.destroyGraph(graph)));
        operations.forEach(own -> giveBack(own::close));
        streams.forEach(stream -> giveBack(() -> driver.destroyStream(stream)));
        events.forEach(event -> giveBack(() -> driver.destroyEvent(event)));
        memories.forEach(address -> giveBack(() -> driver.free(address)));
        pinned.forEach(memory -> giveBack(() -> driver.freePinned(memory)));
        registered.forEach(
                memory -> giveBack(() -> libraries.registrations().remove(driver, memory)));
        giveBack(() -> driver.setCurrent(0));
        giveBack(() -> driver.releaseContext(device));
    }

    /** A device that is lost gives nothing back, and took everything with it. */
    private static void giveBack(Runnable work) {
        try {
            work.run();
        } catch (DeviceException failure) {
            LOG.log(System.Logger.Level.DEBUG, "while a device was closed", failure);
        }
    }
}
