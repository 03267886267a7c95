package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceEvent;
import dev.cairn.plugin.device.DeviceGraph;
import dev.cairn.plugin.device.DeviceProperties;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.plugin.device.OperationShapes;
import dev.cairn.plugin.device.Operations;
import java.lang.foreign.MemorySegment;

/** A device that does what another one does: for those that differ in one thing. */
class ForwardingDevice implements Device {

    private final Device device;

    ForwardingDevice(Device device) {
        this.device = device;
    }

    @Override
    public void await(DeviceStream stream, DeviceEvent event) {
        device.await(stream, event);
    }

    @Override
    public boolean isPassed(DeviceEvent event) {
        return device.isPassed(event);
    }

    @Override
    public DeviceProperties properties() {
        return device.properties();
    }

    @Override
    public long freeBytes() {
        return device.freeBytes();
    }

    @Override
    public long allocate(long bytes) {
        return device.allocate(bytes);
    }

    @Override
    public void free(long address) {
        device.free(address);
    }

    @Override
    public MemorySegment allocatePinned(long bytes) {
        return device.allocatePinned(bytes);
    }

    @Override
    public boolean pin(MemorySegment memory) {
        return device.pin(memory);
    }

    @Override
    public DeviceStream stream(boolean urgent) {
        return device.stream(urgent);
    }

    @Override
    public DeviceEvent event() {
        return device.event();
    }

    @Override
    public void record(DeviceEvent event, DeviceStream stream) {
        device.record(event, stream);
    }

    @Override
    public void synchronize(DeviceStream stream) {
        device.synchronize(stream);
    }

    @Override
    public void copyIn(
            long target, MemorySegment source, long sourceOffset, long bytes, DeviceStream stream) {
        device.copyIn(target, source, sourceOffset, bytes, stream);
    }

    @Override
    public void copyOut(
            MemorySegment target, long targetOffset, long source, long bytes, DeviceStream stream) {
        device.copyOut(target, targetOffset, source, bytes, stream);
    }

    @Override
    public void copy(long target, long source, long bytes, DeviceStream stream) {
        device.copy(target, source, bytes, stream);
    }

    @Override
    public boolean takesGraphs() {
        return device.takesGraphs();
    }

    @Override
    public DeviceGraph capture(DeviceStream stream, Runnable work) {
        return device.capture(stream, work);
    }

    @Override
    public void replay(DeviceGraph graph, DeviceStream stream) {
        device.replay(graph, stream);
    }

    @Override
    public Operations operations(DeviceStream stream, OperationShapes shapes) {
        return device.operations(stream, shapes);
    }

    @Override
    public void close() {
        device.close();
    }
}
